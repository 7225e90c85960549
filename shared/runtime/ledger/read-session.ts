import { sessionStream, TurnledgerError } from '../../contracts/index.ts';
import {
  evolveSessionRecord,
  historyLength,
  newestTurnId,
  type SessionEvent,
  type SessionRecord,
  type SessionState,
} from '../../domain/index.ts';
import type { KeyVault, StoredEvent } from '../../ports/index.ts';
import type { AggregateStore } from './aggregate-store.ts';
import { decodePlaced, openRecord } from './opened-events.ts';

/** What a reader is shown of a session; how it was rewound, its lineage tells. */
export type ReadSession = Omit<SessionRecord<'opened'>, 'cuts'>;

/**
 * A session as the log has it now, or undefined for one that was never started. Reads its first event, and that of its end if it has one: what
 * lies between is in the folded state, so that a session of 900 turns costs what a new one does. Throws `store_unavailable`.
 */
export async function readSession(
  { sessions, vault }: { readonly sessions: AggregateStore<SessionState>; readonly vault: KeyVault },
  sessionId: string,
): Promise<ReadSession | undefined> {
  const stream = sessionStream(sessionId);
  const state = await sessions.load(stream);
  if (state.status === 'none') return undefined;
  const eventAt = async (revision: number): Promise<StoredEvent> => {
    const [stored] = await sessions.events(stream, revision, revision);
    if (stored) return stored;
    throw new TurnledgerError('invariant_broken', { detail: `${stream} has no revision ${revision}` });
  };
  const first = await eventAt(0);
  const context = { sessionId, revision: 0, recordedAt: first.metadata.recordedAt ?? '' };
  const started = evolveSessionRecord(undefined, decodePlaced(first) as SessionEvent<'sealed'>, context);
  if (!started) throw new TurnledgerError('invariant_broken', { detail: `${stream} does not begin a session` });
  const { cuts: _asTheyWere, lastTurnId: _atStart, ...kept } = started;
  const { ending, scenarioVersion, status, revision } = state;
  const lastTurnId = newestTurnId(state);
  const endedAt = ending && (await eventAt(ending.revision)).metadata.recordedAt;
  const record = {
    ...kept,
    scenarioVersion,
    status,
    revision,
    turns: historyLength(state),
    ...(lastTurnId !== undefined && { lastTurnId }),
    ...(ending && { outcome: ending.outcome }),
    ...(ending?.score !== undefined && { score: ending.score }),
    ...(endedAt !== undefined && { endedAt }),
  };
  return openRecord<ReadSession>(record, stream, vault);
}
