import { positionToken, sessionStream, turnDocument } from '../../contracts/index.ts';
import { isTerminal, turnOf } from '../../domain/index.ts';
import type { KeyVault } from '../../ports/index.ts';
import type { ServerEvent } from '../http/route.ts';
import { readTurn } from '../ledger/read-turn.ts';
import { feedIds, openDelta } from './feed-text.ts';
import { type FollowedTurn, type FollowPorts, followTurn } from './follow-turn.ts';

/**
 * A turn as a stream of events, from the one after `after` to its ending (rule 6: the ending is in the log before it is here).
 *
 * Ids rise without gaps inside an attempt; a reader whose next delta is lost gets nothing more but the ending, which carries the whole
 * turn. Ends without an ending only when the signal aborts.
 */
export async function* turnEvents(
  ports: FollowPorts & { readonly vault: KeyVault },
  { sessionId, turnId, after, signal }: FollowedTurn,
): AsyncGenerator<ServerEvent, void> {
  const { sessions, vault } = ports;
  const read = async () => readTurn(ports, sessionId, await sessions.load(sessionStream(sessionId)), turnId);
  const requested = await read();
  if (!requested) return;
  if (after < feedIds.requested) {
    const { scenarioId, scenarioVersion, position } = requested;
    const data = {
      turn_id: turnId,
      session_id: sessionId,
      position,
      scenario: { id: scenarioId, version: scenarioVersion },
    };
    yield { id: feedIds.requested, event: 'turn.requested', data };
  }
  let lastId = after;
  let hasGap = false;
  for await (const message of followTurn(ports, { sessionId, turnId, after, signal })) {
    if (message.kind === 'started') {
      hasGap = false;
      const attempt = Math.floor(message.id / feedIds.perAttempt);
      yield { id: message.id, event: 'turn.started', data: { turn_id: turnId, attempt, model: message.payload } };
    } else {
      hasGap ||= message.id !== lastId + 1;
      const text = hasGap ? null : await openDelta(turnId, message, vault);
      const attempt = Math.floor(message.id / feedIds.perAttempt);
      if (text !== null) yield { id: message.id, event: 'reply.delta', data: { turn_id: turnId, attempt, text } };
    }
    lastId = message.id;
  }
  if (signal.aborted) return;
  const ended = await read();
  const state = await sessions.load(sessionStream(sessionId), Number.POSITIVE_INFINITY);
  const status = turnOf(state, turnId)?.status;
  if (!ended || status === undefined || !isTerminal(status)) return;
  const log_position = positionToken({ stream: sessionStream(sessionId), revision: ended.revision });
  yield { id: feedIds.ending, event: `turn.${status}`, data: { ...turnDocument(ended), log_position } };
}
