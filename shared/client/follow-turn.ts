import { type Answer, type Ask, askOnce, toProblem } from './ask.ts';
import type { Connection } from './connection.ts';
import type { Turn } from './documents.ts';
import { readSentEvents } from './read-sent-events.ts';
import { RetryBudget } from './retry-budget.ts';
import { eventIds, isEnding, type TurnEvent, toTurnEvent } from './turn-events.ts';
import { turnPath } from './turn-request.ts';
import { TurnledgerProblem } from './turnledger-problem.ts';

/** A turn to follow: one that is asked for here, or one that is known. */
export type FollowedTurn = {
  readonly signal?: AbortSignal | undefined;
  readonly idempotencyKey?: string | undefined;
} & (
  | { readonly path: string; readonly body: object }
  | { readonly sessionId: string; readonly turnId: string; readonly after: number }
);

/** How far a reader is; without ids until the first event named them. */
interface Place {
  readonly sessionId?: string | undefined;
  readonly turnId?: string | undefined;
  readonly lastId: number;
}

/** The request that goes on from a place: the first one again, under the same key, until the turn's ids are known. */
function askFrom({ sessionId, turnId, lastId }: Place, turn: FollowedTurn, silenceMs: number): Ask {
  const { signal, idempotencyKey } = turn;
  const ask = { accept: 'text/event-stream' as const, signal, idempotencyKey, sessionId, turnId, silenceMs };
  if (sessionId === undefined || turnId === undefined) {
    return { ...ask, method: 'POST', ...('path' in turn ? turn : { path: '' }) };
  }
  return {
    ...ask,
    method: 'GET',
    path: `${turnPath(sessionId, turnId)}/stream`,
    headers: { 'last-event-id': String(lastId) },
  };
}

/** The events of one connection, until it ends or breaks. */
async function* readEvents(answer: Answer, budget: RetryBudget): AsyncGenerator<TurnEvent, void> {
  for await (const sent of readSentEvents(answer, budget)) {
    const event = toTurnEvent(sent);
    if (event) yield event;
  }
}

/** The turn's ids are in its first event, and so in no request before it. */
const placeAfter = (event: TurnEvent, { sessionId, turnId }: Place): Place =>
  event.type === 'turn.requested'
    ? { sessionId: event.sessionId, turnId: event.turnId, lastId: event.id }
    : { sessionId, turnId, lastId: event.id };

/**
 * Follows a turn to its ending over as many connections as it takes: every event once, in order, from the one after `after`. Returns the
 * turn as it ended, also to a caller who has its last event already and so gets none. Throws `stream_lost` when reconnects bring nothing
 * new, `network_failed`, `answer_unreadable`, `aborted`, and what the service refuses with.
 */
export async function* followToEnding(connection: Connection, turn: FollowedTurn): AsyncGenerator<TurnEvent, Turn> {
  const isKnown = 'turnId' in turn;
  let place: Place = isKnown ? { sessionId: turn.sessionId, turnId: turn.turnId, lastId: turn.after } : { lastId: 0 };
  let hasAllEvents = false;
  const budget = new RetryBudget(connection.retry, turn.signal);
  for (;;) {
    const ask = askFrom(place, turn, connection.retry.silenceMs);
    try {
      const answer = await askOnce(connection, ask);
      try {
        if (answer.response.status === 204 && !hasAllEvents) {
          // Asked from one id before it, the service tells the ending again, from the log.
          hasAllEvents = true;
          place = { ...place, lastId: eventIds.lastBeforeEnding };
          continue;
        }
        for await (const event of readEvents(answer, budget)) {
          if (event.id <= place.lastId) continue;
          budget.progress();
          place = placeAfter(event, place);
          if (!hasAllEvents) yield event;
          if (isEnding(event)) return event.turn;
        }
        throw new TurnledgerProblem('stream_lost', { ...place, idempotencyKey: turn.idempotencyKey });
      } catch (thrown) {
        throw toProblem(
          thrown,
          { ...ask, sessionId: place.sessionId, turnId: place.turnId },
          answer.lifeline,
          'stream_lost',
        );
      } finally {
        answer.lifeline.end();
      }
    } catch (thrown) {
      await budget.afterFailure(thrown);
    }
  }
}
