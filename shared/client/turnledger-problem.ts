import type { ErrorCode, FieldError } from '../contracts/index.ts';
import type { Turn } from './documents.ts';

/** What can go wrong without the service saying so. */
export const clientProblems = {
  aborted: { title: 'The caller aborted', retryable: false },
  network_failed: { title: 'No answer came', retryable: true },
  stream_lost: { title: 'The stream broke off', retryable: true },
  answer_unreadable: { title: 'The answer is not what the service sends', retryable: false },
} as const;

export type ClientProblemCode = keyof typeof clientProblems;

/** A code of the service's catalogue, one of the client's own, or one that a newer service has. */
export type ProblemCode = ErrorCode | ClientProblemCode | (string & Record<never, never>);

export interface ProblemFacts {
  readonly title?: string | undefined;
  readonly status?: number | undefined;
  readonly detail?: string | undefined;
  readonly traceId?: string | undefined;
  readonly sessionId?: string | undefined;
  readonly turnId?: string | undefined;
  readonly turn?: Turn | undefined;
  readonly reason?: string | undefined;
  readonly fallback?: string | undefined;
  readonly errors?: readonly FieldError[] | undefined;
  readonly retryable?: boolean | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly logPosition?: string | undefined;
  readonly idempotencyKey?: string | undefined;
  readonly cause?: unknown;
}

const own: { readonly [code: string]: { readonly title: string; readonly retryable: boolean } } = clientProblems;

/** Everything this client throws, but what `token` or `onDelta` of the game itself throws. */
export class TurnledgerProblem extends Error {
  override readonly name = 'TurnledgerProblem';
  readonly code: ProblemCode;
  /** Of the HTTP answer; undefined when there was none. An ending that came by stream has the status it would have had. */
  readonly status: number | undefined;
  /** What is special about this occurrence. */
  readonly detail: string | undefined;
  /** What the operator finds this request by. */
  readonly traceId: string | undefined;
  readonly sessionId: string | undefined;
  readonly turnId: string | undefined;
  /** The turn that ended badly, when it came by stream. */
  readonly turn: Turn | undefined;
  /** Why the turn ended badly. */
  readonly reason: string | undefined;
  /** A line of the scenario to say instead, so that a character is never mute. */
  readonly fallback: string | undefined;
  /** The wrong fields of a request; empty when that was not it. */
  readonly errors: readonly FieldError[];
  /** Whether the same request under the same key can succeed later. */
  readonly retryable: boolean;
  /** How long the service asked to be left alone, milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** Where the log stands with what was recorded all the same, as the turn that ended badly; undefined where nothing was. */
  readonly logPosition: string | undefined;
  /** The key of the action: given again, it finds what was recorded instead of buying a second turn. */
  readonly idempotencyKey: string | undefined;

  constructor(code: ProblemCode, facts: ProblemFacts = {}) {
    const title = facts.title ?? own[code]?.title ?? code;
    super(facts.detail === undefined ? title : `${title}: ${facts.detail}`, { cause: facts.cause });
    this.code = code;
    this.status = facts.status;
    this.detail = facts.detail;
    this.traceId = facts.traceId;
    this.sessionId = facts.sessionId;
    this.turnId = facts.turnId;
    this.turn = facts.turn;
    this.reason = facts.reason;
    this.fallback = facts.fallback;
    this.errors = facts.errors ?? [];
    this.retryable = facts.retryable ?? own[code]?.retryable ?? false;
    this.retryAfterMs = facts.retryAfterMs;
    this.logPosition = facts.logPosition;
    this.idempotencyKey = facts.idempotencyKey;
  }
}
