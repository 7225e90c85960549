import { sessionStream } from '../../contracts/index.ts';
import {
  evolveTurnRecord,
  type SessionEvent,
  type SessionState,
  type TurnRecord,
  turnIdOf,
  turnOf,
} from '../../domain/index.ts';
import type { KeyVault, StoredEvent } from '../../ports/index.ts';
import type { AggregateStore } from './aggregate-store.ts';
import { openSessionEvent } from './opened-events.ts';

/** The events of a session folded into the turns they name, opened, in the order in which the turns were requested. */
export async function foldTurns(
  events: readonly StoredEvent[],
  session: { readonly sessionId: string; readonly scenarioId: string },
  vault: KeyVault,
): Promise<readonly TurnRecord<'opened'>[]> {
  const { sessionId, scenarioId } = session;
  const turns = new Map<string, TurnRecord<'opened'>>();
  for (const stored of events) {
    const event: SessionEvent<'opened'> = await openSessionEvent(stored, vault);
    const turnId = turnIdOf(event);
    if (turnId === undefined) continue;
    const recordedAt = stored.metadata.recordedAt ?? '';
    const context = { sessionId, scenarioId, revision: stored.revision, recordedAt };
    const record = evolveTurnRecord(turns.get(turnId), event, context);
    if (record) turns.set(turnId, record);
  }
  return [...turns.values()];
}

/** One turn as its recorded events tell it, or undefined when the session has no such turn. Throws `store_unavailable`. */
export async function readTurn(
  { sessions, vault }: { readonly sessions: AggregateStore<SessionState>; readonly vault: KeyVault },
  sessionId: string,
  state: SessionState,
  turnId: string,
): Promise<TurnRecord<'opened'> | undefined> {
  const turn = turnOf(state, turnId);
  if (!turn) return undefined;
  const events = await sessions.events(sessionStream(sessionId), turn.requestedRevision, turn.lastRevision);
  const turns = await foldTurns(events, { sessionId, scenarioId: state.scenarioId }, vault);
  return turns.find((record) => record.turnId === turnId);
}
