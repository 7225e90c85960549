import type { HeldSummary, SessionState } from '@turnledger/shared/domain';
import { type HistoryTurn, historyThroughTurn, type Ledger } from '@turnledger/shared/runtime';

/** A summary that holds for a session; `recordedIn` where that is a session that it goes on from. */
export interface KnownSummary extends HeldSummary {
  readonly recordedIn?: { readonly sessionId: string; readonly keyId: string };
}

/** What is before a session's own turns: what a fork began with, as far as it has not been rewound behind it. */
export interface Inherited {
  /** Oldest first. */
  readonly turns: readonly HistoryTurn[];
  /** Summaries of its turns that were recorded before the fork, and that their sessions still hold; oldest first. */
  readonly summaries: readonly KnownSummary[];
}

const NOTHING: Inherited = { turns: [], summaries: [] };

/** Reads folded states alone, and none for a session that is no fork. Throws `store_unavailable`. */
export async function inheritedOf(
  { sessions }: Pick<Ledger, 'sessions'>,
  sessionId: string,
  state: SessionState,
): Promise<Inherited> {
  if (!state.inherited) return NOTHING;
  const turns = await historyThroughTurn(sessions, { sessionId, state }, state.inherited.turnId);
  const parents = new Map(turns.map((past) => [past.sessionId, past]));
  const summaries = [...parents.values()].flatMap(({ sessionId: parentId, state: parent, throughRevision }) =>
    (parent.summaries?.held ?? [])
      .filter(
        ({ revision, throughTurnId, throughPosition }) =>
          // Of a turn on the way here: then all turns before it are those that it covers.
          revision <= throughRevision && turns[throughPosition - 1]?.turn.turnId === throughTurnId,
      )
      .map((held): KnownSummary => ({ ...held, recordedIn: { sessionId: parentId, keyId: parent.keyId } })),
  );
  return { turns, summaries };
}

/**
 * The summaries that hold for a session, oldest first: those of its past, and its own, each of which covers more turns than those do. Its own alone
 * would not do: after a short rewind all of them may be of turns that stand in the window, and what is before that would be told by none.
 */
export const knownSummaries = ({ summaries }: SessionState, inherited: Inherited): readonly KnownSummary[] => [
  ...inherited.summaries,
  ...(summaries?.held ?? []),
];

/** The same with the one that a recorded prompt told, which its session may hold no more; oldest first. */
export const withTold = (known: readonly KnownSummary[], told: KnownSummary | undefined): readonly KnownSummary[] =>
  told === undefined || known.some(({ summaryId }) => summaryId === told.summaryId)
    ? known
    : [...known, told].sort((one, other) => one.throughPosition - other.throughPosition);
