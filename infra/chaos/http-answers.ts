import { setTimeout as sleep } from 'node:timers/promises';
import type { TurnDocument } from '@turnledger/shared/contracts';
import type { HistoryValue } from '@turnledger/shared/testing/history-checker';
import type { Outcome } from './history-recorder.ts';

/** The members that a client reads; which are there, the status says. */
export interface AnswerBody extends TurnDocument {
  readonly log_position?: string;
  readonly code?: string;
  readonly reason?: string;
  readonly turn_id?: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: AnswerBody;
  readonly etag: string | null;
}

export interface HttpAsk {
  readonly method?: 'GET' | 'POST';
  readonly path: string;
  readonly body?: object;
  readonly headers?: { readonly [name: string]: string };
}

/** Longer than any turn may take; a request that hangs is a fault of its own. */
const ANSWER_WITHIN_MS = 40_000;
/** Pause before a client tries again. */
const RETRY_MS = 40;

/** Sends a request to wherever the service is now. Rejects when the connection is refused, cut, or silent for too long. */
export const send = (url: string, { method = 'POST', path, body, headers = {} }: HttpAsk): Promise<Response> =>
  fetch(`${url}${path}`, {
    method,
    headers: { ...(body && { 'content-type': 'application/json' }), ...headers },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  });

/** An answer of JSON; undefined when the connection did not bring it whole. */
export async function askJson(url: string, ask: HttpAsk): Promise<HttpAnswer | undefined> {
  try {
    const response = await send(url, ask);
    return { status: response.status, body: (await response.json()) as AnswerBody, etag: response.headers.get('etag') };
  } catch {
    await sleep(RETRY_MS);
    return undefined;
  }
}

export const cut: Outcome = { type: 'unknown', value: { code: 'connection_lost' } };

/** Whether a refusal is final: nothing was recorded by this request. 5xx say nothing about that. */
export const refusal = ({ status, body }: HttpAnswer): Outcome => ({
  type: status < 500 ? 'fail' : 'unknown',
  value: { code: body.code ?? `status_${status}` },
});

const statusOfProblem: { readonly [code: string]: string } = {
  turn_failed: 'failed',
  turn_timed_out: 'timed_out',
  turn_cancelled: 'cancelled',
};

export const turnValue = ({ id, session_id, status, response, fallback, attempts }: TurnDocument): HistoryValue => ({
  turnId: id,
  sessionId: session_id,
  status,
  attempts,
  fallback: fallback ?? null,
  // An open turn has no reply yet, which is not to say that it has none.
  ...(status !== 'requested' && status !== 'started' && { reply: response }),
});

/** What an answer about a turn says: the turn, a problem that is its ending, or a refusal. */
export function turnOutcome(answer: HttpAnswer | undefined): Outcome {
  if (!answer) return cut;
  const { status, body } = answer;
  if (status < 300) return { type: 'ok', value: turnValue(body) };
  const ending = statusOfProblem[body.code ?? ''];
  if (ending === undefined || body.turn_id === undefined) return refusal(answer);
  return {
    type: 'ok',
    value: { turnId: body.turn_id, sessionId: body.session_id, status: ending, fallback: body.fallback ?? null },
  };
}
