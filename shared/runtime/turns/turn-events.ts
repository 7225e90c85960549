import { limits, positionToken, sessionStream, turnDocument } from '../../contracts/index.ts';
import { isTerminal, turnOf } from '../../domain/index.ts';
import type { KeyVault } from '../../ports/index.ts';
import type { ServerEvent } from '../http/route.ts';
import { readTurn } from '../ledger/read-turn.ts';
import { feedIds, openDelta } from './feed-text.ts';
import { endedIn, type FollowedTurn, type FollowPorts, followTurn } from './follow-turn.ts';

/**
 * A turn as a stream of events, from the one after `after` to its ending (rule 6: the ending is in the log before it is here).
 *
 * Ids rise without gaps inside an attempt; a reader whose next delta is lost gets nothing more but the ending, which carries the whole
 * turn. Ends without an ending only when the signal aborts.
 */
export async function* turnEvents(
  ports: FollowPorts & { readonly vault: KeyVault },
  followed: FollowedTurn,
): AsyncGenerator<ServerEvent, void> {
  const { sessions, vault } = ports;
  const { sessionId, turnId, after, signal } = followed;
  const stream = sessionStream(sessionId);
  const known = await sessions.load(stream, limits.worker.headCheckMs);
  // Whoever has just appended the turn need not read it again, and how it was requested never changes.
  const session = turnOf(known, turnId) ? known : await sessions.load(stream);
  const requested = turnOf(session, turnId);
  if (!requested) return;
  if (after < feedIds.requested) {
    const data = {
      turn_id: turnId,
      session_id: sessionId,
      position: requested.position,
      scenario: { id: session.scenarioId, version: requested.scenarioVersion },
    };
    yield { id: feedIds.requested, event: 'turn.requested', data };
  }
  let lastId = after;
  let hasGap = false;
  for await (const message of followTurn(ports, followed)) {
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
  const ended = await readTurn(ports, sessionId, await endedIn(sessions, { sessionId, turnId }), turnId);
  if (!ended || !isTerminal(ended.status)) return;
  const log_position = positionToken({ stream, revision: ended.revision });
  yield { id: feedIds.ending, event: `turn.${ended.status}`, data: { ...turnDocument(ended), log_position } };
}
