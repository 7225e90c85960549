import type { Form } from '../secret.ts';
import type { Participant, SessionEvent, SessionOutcome, SessionRewound } from './events.ts';
import { evolveSummaries, type SummariesState, summariesThrough } from './summary-state.ts';
import { emptyTurnIndex, findTurn, type TurnIndex, withTurn } from './turn-index.ts';
import { evolveTurn, isTerminal, type TurnState } from './turn-state.ts';

/** Effective history, newest first: a list that shares its tail, so a step copies nothing. */
export interface HistoryNode {
  readonly turnId: string;
  readonly length: number;
  readonly previous?: HistoryNode;
}

/** A turn that somebody means to come back to. */
export interface Bookmark {
  readonly bookmarkId: string;
  readonly turnId: string;
  readonly bodyHmac: string;
  readonly revision: number;
}

/** A cut of effective history: what stood behind `toTurnId` (absent: everything), up to `fromTurnId`, is no part of it any more. */
export interface Rewind {
  readonly rewindId: string;
  readonly fromTurnId?: string;
  readonly toTurnId?: string;
  readonly bodyHmac: string;
  readonly revision: number;
}

export interface SessionState {
  readonly status: 'none' | 'open' | 'ended';
  /** Revision of the newest folded event; -1 before the first. */
  readonly revision: number;
  readonly scenarioId: string;
  /** What the next turn is played under. */
  readonly scenarioVersion: number;
  readonly gameId?: string;
  readonly participants: readonly Participant[];
  readonly keyId: string;
  readonly bodyHmac: string;
  readonly turns: TurnIndex<TurnState>;
  readonly history?: HistoryNode;
  readonly openTurnId?: string;
  /** Oldest first. */
  readonly bookmarks: readonly Bookmark[];
  readonly rewinds: readonly Rewind[];
  /** What is known of the history behind the window; absent before the first summary was claimed. */
  readonly summaries?: SummariesState;
  /** How it ended; absent while it is open. */
  readonly ending?: { readonly outcome: SessionOutcome; readonly score?: number };
}

export const initialSession: SessionState = {
  status: 'none',
  revision: -1,
  scenarioId: '',
  scenarioVersion: 0,
  participants: [],
  keyId: '',
  bodyHmac: '',
  turns: emptyTurnIndex,
  bookmarks: [],
  rewinds: [],
};

export const turnOf = (state: SessionState, turnId: string): TurnState | undefined => findTurn(state.turns, turnId);

/** Every turn that was ever asked for, in that order, those that a rewind has cut too. */
export const allTurns = ({ turns }: SessionState): readonly TurnState[] =>
  turns.branches
    .flatMap((leaves) => leaves?.flatMap((leaf) => leaf ?? []) ?? [])
    .sort((one, other) => one.requestedRevision - other.requestedRevision);

/**
 * Whether a turn is part of effective history, or stands in a stretch that a rewind has cut. Walks back to the turn's place: at most as many
 * steps as the session has turns.
 */
export function isEffective({ history }: SessionState, { turnId, position }: TurnState): boolean {
  let node = history;
  while (node && node.length > position) node = node.previous;
  return node?.turnId === turnId;
}

/** The turns that were history when that one was asked, oldest first, and itself; also of one that has been cut since. */
export function historyThrough(state: SessionState, last: TurnState): readonly TurnState[] {
  const found: TurnState[] = [];
  for (
    let turn: TurnState | undefined = last;
    turn;
    turn = turn.previousTurnId === undefined ? undefined : turnOf(state, turn.previousTurnId)
  )
    found.push(turn);
  return found.reverse();
}

/** Folds one event; never throws for content: an event about an unknown turn moves the revision alone. */
export function evolveSession(state: SessionState, event: SessionEvent): SessionState {
  const next = { ...state, revision: state.revision + 1 };
  switch (event.type) {
    case 'SessionStarted': {
      const { scenarioId, scenarioVersion, gameId, participants, keyId, bodyHmac } = event.data;
      const started = { ...next, status: 'open' as const, scenarioId, scenarioVersion, participants, keyId, bodyHmac };
      return gameId === undefined ? started : { ...started, gameId };
    }
    case 'SessionEnded': {
      const { outcome, score } = event.data;
      return { ...next, status: 'ended', ending: score === undefined ? { outcome } : { outcome, score } };
    }
    case 'SessionReconfigured':
      return { ...next, scenarioVersion: event.data.scenarioVersion };
    case 'SessionBookmarked': {
      const { bookmarkId, turnId, bodyHmac } = event.data;
      return { ...next, bookmarks: [...state.bookmarks, { bookmarkId, turnId, bodyHmac, revision: next.revision }] };
    }
    case 'SessionRewound':
      return rewound(next, event.data);
    case 'SummaryStarted':
    case 'HistorySummarized':
    case 'SummaryFailed': {
      const place = { revision: next.revision, historyLength: state.history?.length ?? 0 };
      return { ...next, summaries: evolveSummaries(state.summaries, event, place) };
    }
    case 'TurnRequested': {
      const { turnId, position, scenarioVersion, bodyHmac, deadlineMs } = event.data;
      const turn: TurnState = {
        turnId,
        position,
        ...(state.history && { previousTurnId: state.history.turnId }),
        scenarioVersion,
        bodyHmac,
        deadlineMs,
        status: 'requested',
        attempt: 0,
        unsettled: [],
        requestedRevision: next.revision,
        lastRevision: next.revision,
      };
      const history: HistoryNode = {
        turnId,
        length: (state.history?.length ?? 0) + 1,
        ...(state.history && { previous: state.history }),
      };
      return { ...next, turns: withTurn(state.turns, turn), history, openTurnId: turnId };
    }
    default: {
      const turn = turnOf(state, event.data.turnId);
      if (!turn) return next;
      const changed = { ...evolveTurn(turn, event, next.revision), lastRevision: next.revision };
      const turns = withTurn(state.turns, changed);
      if (!isTerminal(changed.status) || state.openTurnId !== turn.turnId) return { ...next, turns };
      const { openTurnId: _ended, ...closed } = next;
      return { ...closed, turns };
    }
  }
}

function rewound(
  next: SessionState,
  { rewindId, toTurnId, toPosition, bodyHmac }: SessionRewound<Form>['data'],
): SessionState {
  const { history, ending: _undone, ...kept } = next;
  let target = toTurnId === undefined ? undefined : history;
  while (target && target.turnId !== toTurnId) target = target.previous;
  const rewind: Rewind = {
    rewindId,
    bodyHmac,
    revision: next.revision,
    ...(history && { fromTurnId: history.turnId }),
    ...(toTurnId !== undefined && { toTurnId }),
  };
  const summaries = kept.summaries && { summaries: summariesThrough(kept.summaries, toPosition) };
  const rewinds = [...next.rewinds, rewind];
  return { ...kept, ...summaries, status: 'open', rewinds, ...(target && { history: target }) };
}
