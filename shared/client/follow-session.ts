import { type Ask, askOnce, toProblem } from './ask.ts';
import type { Connection } from './connection.ts';
import { readSentEvents } from './read-sent-events.ts';
import { RetryBudget } from './retry-budget.ts';
import { type SpectatedEvent, toSpectatedEvent } from './session-events.ts';
import { TurnledgerProblem } from './turnledger-problem.ts';

/** A session to watch. */
export interface FollowedSession {
  readonly path: string;
  readonly sessionId: string;
  /** The id of the last event the caller has; 0 for none. */
  readonly after: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Follows a whole session over as many connections as it takes: every event once, in order, until the session has ended. A session in which
 * nobody says anything brings heartbeats alone, for hours: a connection that brought one counts as a good one. Throws `stream_lost` when
 * reconnects bring not even that, `network_failed`, `answer_unreadable`, `aborted`, and what the service refuses with.
 */
export async function* followSession(
  connection: Connection,
  { path, sessionId, after, signal }: FollowedSession,
): AsyncGenerator<SpectatedEvent, void> {
  const budget = new RetryBudget(connection.retry, signal);
  const { silenceMs } = connection.retry;
  for (let lastId = after; ; ) {
    const headers = lastId > 0 ? { 'last-event-id': String(lastId) } : {};
    const ask: Ask = { method: 'GET', path, accept: 'text/event-stream', headers, sessionId, signal, silenceMs };
    try {
      const answer = await askOnce(connection, ask);
      try {
        if (answer.response.status === 204) return;
        let hasEnded = false;
        // A stream from now on says so in its head: cut off before its first event, it is gone on with from there.
        const begin = (id: string) => {
          lastId = Math.max(lastId, Number(id) || 0);
        };
        for await (const sent of readSentEvents(answer, untilHeartbeat(budget), begin)) {
          const event = toSpectatedEvent(sent);
          const id = Number(sent.id);
          if (id <= lastId) continue;
          budget.progress();
          lastId = id;
          hasEnded = event?.type === 'session.ended';
          if (event) yield event;
        }
        // Where a rewind undid an ending, the stream goes on behind it.
        if (hasEnded) return;
        throw new TurnledgerProblem('stream_lost', { sessionId });
      } catch (thrown) {
        throw toProblem(thrown, ask, answer.lifeline, 'stream_lost');
      } finally {
        answer.lifeline.end();
      }
    } catch (thrown) {
      await budget.afterFailure(thrown);
    }
  }
}

/** A connection's first bytes are its `retry:` field alone; what comes after them took a heartbeat, or is an event. */
function untilHeartbeat(budget: RetryBudget): Pick<RetryBudget, 'spaceOut'> {
  let isFirst = true;
  return {
    spaceOut(reconnectMs) {
      budget.spaceOut(reconnectMs);
      if (!isFirst) budget.progress();
      isFirst = false;
    },
  };
}
