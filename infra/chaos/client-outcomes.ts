import { type Turn, TurnledgerProblem } from '@turnledger/shared/client';
import type { HistoryValue } from '@turnledger/shared/testing/history-checker';

/** How an operation came out, as a client can tell. */
export interface Outcome {
  readonly type: 'ok' | 'fail' | 'unknown';
  readonly value: HistoryValue;
}

const openStatuses: ReadonlySet<string> = new Set(['requested', 'started']);
const endingOfProblem: { readonly [code: string]: string } = {
  turn_failed: 'failed',
  turn_timed_out: 'timed_out',
  turn_cancelled: 'cancelled',
};

/** What an answer about a turn tells. */
export const turnValue = ({ id, sessionId, status, response, fallback, attempts }: Turn): HistoryValue => ({
  turnId: id,
  sessionId,
  status,
  attempts,
  fallback: fallback ?? null,
  // An open turn has no reply yet, which is not to say that it has none.
  ...(!openStatuses.has(status) && { reply: response }),
});

export const answered = (turn: Turn): Outcome => ({ type: 'ok', value: turnValue(turn) });

/**
 * What a problem tells: an ending, a refusal for sure, or nothing. Without an answer, or with a 5xx, the client cannot tell whether anything
 * was recorded. Throws what is no TurnledgerProblem, and `answer_unreadable`: a service that dies cuts its answers, it does not garble them.
 */
export function outcomeOf(thrown: unknown): Outcome {
  if (!(thrown instanceof TurnledgerProblem) || thrown.code === 'answer_unreadable') throw thrown;
  const { code, status, turnId, sessionId, fallback = null } = thrown;
  const ending = endingOfProblem[code];
  if (ending !== undefined && turnId !== undefined) {
    return {
      type: 'ok',
      value: { turnId, status: ending, fallback, ...(sessionId !== undefined && { sessionId }) },
    };
  }
  return { type: status !== undefined && status < 500 ? 'fail' : 'unknown', value: { code } };
}

export const hasEnded = ({ type, value }: Outcome): boolean =>
  type === 'ok' && value.status !== undefined && !openStatuses.has(value.status);
