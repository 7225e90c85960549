import { positionToken, sessionDocument, sessionStream, TurnledgerError } from '@turnledger/shared/contracts';
import { outsideIds, readSession } from '@turnledger/shared/runtime';
import { etagOf } from './if-match.ts';
import type { CommandPorts } from './ports.ts';

/**
 * A session as the commands about it answer: its document with where it stands in the log (`revision`, of the command), and its tag. Throws
 * `store_unavailable`.
 */
export async function recordedSession(ports: CommandPorts, sessionId: string, revision: number) {
  const session = await readSession({ sessions: ports.ledger.sessions, vault: ports.vault }, sessionId);
  if (!session) throw new TurnledgerError('invariant_broken', { detail: 'a recorded session cannot be read' });
  const document = sessionDocument(session, await outsideIds(ports, session.participants));
  const log_position = positionToken({ stream: sessionStream(sessionId), revision });
  return { document: { ...document, log_position }, headers: etagOf(session.revision) };
}
