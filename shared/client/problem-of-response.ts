import type { FieldError } from '../contracts/index.ts';
import { mayAskAgain } from './retry-table.ts';
import { type ProblemFacts, TurnledgerProblem } from './turnledger-problem.ts';

interface ProblemDocument {
  readonly code?: unknown;
  readonly title?: unknown;
  readonly detail?: unknown;
  readonly trace_id?: unknown;
  readonly session_id?: unknown;
  readonly turn_id?: unknown;
  readonly reason?: unknown;
  readonly fallback?: unknown;
  readonly log_position?: unknown;
  readonly errors?: unknown;
}

const textOf = (member: unknown): string | undefined => (typeof member === 'string' ? member : undefined);

function documentOf(body: string): ProblemDocument | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null && 'code' in parsed ? parsed : undefined;
  } catch {
    // A page of a proxy: it has a status and nothing that is ours.
    return undefined;
  }
}

const isFieldError = (member: unknown): member is FieldError =>
  typeof member === 'object' && member !== null && 'pointer' in member && 'message' in member;

/** Milliseconds of a Retry-After in seconds or as a date; a date is held against the answer's own Date, so no clock is asked. */
export function retryAfterMsOf(headers: Pick<Headers, 'get'>): number | undefined {
  const header = headers.get('retry-after');
  if (header === null) return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1_000;
  const spanMs = Date.parse(header) - Date.parse(headers.get('date') ?? '');
  return Number.isNaN(spanMs) ? undefined : Math.max(0, spanMs);
}

/** An answer that is not a success, as the problem it is. Without a problem document its code is `http_<status>`. */
export function problemOfResponse(
  { status, headers }: Pick<Response, 'status' | 'headers'>,
  body: string,
  request: ProblemFacts,
): TurnledgerProblem {
  const document = documentOf(body);
  const code = textOf(document?.code) ?? `http_${status}`;
  const shouldRetry = headers.get('x-should-retry');
  const { idempotencyKey } = request;
  return new TurnledgerProblem(code, {
    status,
    idempotencyKey,
    title: textOf(document?.title),
    detail: textOf(document?.detail),
    traceId: textOf(document?.trace_id),
    sessionId: textOf(document?.session_id) ?? request.sessionId,
    turnId: textOf(document?.turn_id) ?? request.turnId,
    reason: textOf(document?.reason),
    fallback: textOf(document?.fallback),
    logPosition: textOf(document?.log_position),
    errors: Array.isArray(document?.errors) ? document.errors.filter(isFieldError) : [],
    retryable: mayAskAgain({ code, status, shouldRetry }),
    retryAfterMs: retryAfterMsOf(headers),
  });
}
