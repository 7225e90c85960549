import { type Ask, askOnce, toProblem } from './ask.ts';
import type { Connection } from './connection.ts';
import { readSentEvents } from './read-sent-events.ts';
import { RetryBudget } from './retry-budget.ts';
import { type TurnEvent, toTurnEvent } from './turn-events.ts';
import { TurnledgerProblem } from './turnledger-problem.ts';

/** A re-render to follow. */
export interface FollowedReplay {
  readonly path: string;
  readonly sessionId: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Follows a re-render to its end over as many connections as it takes: every event once, in order, and at its pace, since the service tells
 * the same session under the same ids. Throws `stream_lost` when reconnects bring nothing new, `network_failed`, `answer_unreadable`,
 * `aborted`, and what the service refuses with.
 */
export async function* followReplay(
  connection: Connection,
  { path, sessionId, signal }: FollowedReplay,
): AsyncGenerator<TurnEvent, void> {
  const budget = new RetryBudget(connection.retry, signal);
  const { silenceMs } = connection.retry;
  for (let lastId = 0; ; ) {
    const headers = lastId > 0 ? { 'last-event-id': String(lastId) } : {};
    const ask: Ask = { method: 'GET', path, accept: 'text/event-stream', headers, sessionId, signal, silenceMs };
    try {
      const answer = await askOnce(connection, ask);
      try {
        if (answer.response.status === 204) return;
        for await (const sent of readSentEvents(answer, budget)) {
          const event = toTurnEvent(sent);
          const id = Number(sent.id);
          if (id <= lastId) continue;
          budget.progress();
          lastId = id;
          if (sent.event === 'replay.ended') return;
          if (event) yield event;
        }
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
