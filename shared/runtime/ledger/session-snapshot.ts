import { emptyTurnIndex, type HistoryNode, type SessionState, type TurnState, withTurn } from '../../domain/index.ts';
import type { LoadedStream } from './stream-cache.ts';

/**
 * Raised with every change to the fold of a session or to the form below: an entry of another version is read by nobody. A test pins what the golden histories fold to.
 */
export const snapshotVersion = 3;

/** A folded session as JSON: the index of its turns as a list, its history as their ids from the oldest on. What was said is not in it. */
interface SessionSnapshot {
  readonly revision: number;
  readonly headHash: string;
  readonly session: Omit<SessionState, 'turns' | 'history'>;
  readonly turns: readonly TurnState[];
  readonly history: readonly string[];
}

/**
 * A session as this process knows it, as one text of some 350 bytes a turn. Without its newest events: a prompt's window of 20 turns is more
 * than is kept of them, and is read from the log in either case.
 */
export function writeSnapshot({ state, revision, headHash }: LoadedStream<SessionState>): string {
  const { turns, history, ...session } = state;
  const snapshot: SessionSnapshot = {
    revision,
    headHash,
    session,
    turns: turns.branches.flatMap((leaves) => leaves?.flatMap((leaf) => leaf ?? []) ?? []),
    history: historyIds(history),
  };
  return JSON.stringify(snapshot);
}

/** The session that was written. Its text must be known to come from `writeSnapshot` of this version. */
export function readSnapshot(text: string, checkedAtMs: number): LoadedStream<SessionState> {
  const { revision, headHash, session, turns, history } = JSON.parse(text) as SessionSnapshot;
  const index = turns.reduce<SessionState['turns']>(withTurn, emptyTurnIndex);
  const newest = history.reduce<HistoryNode | undefined>(
    (previous, turnId) => ({ turnId, length: (previous?.length ?? 0) + 1, ...(previous && { previous }) }),
    undefined,
  );
  const state = { ...session, turns: index, ...(newest && { history: newest }) };
  return { state, revision, headHash, recent: [], recentBytes: 0, checkedAtMs };
}

function historyIds(newest: HistoryNode | undefined): readonly string[] {
  const ids: string[] = [];
  for (let node = newest; node; node = node.previous) ids.push(node.turnId);
  return ids.toReversed();
}
