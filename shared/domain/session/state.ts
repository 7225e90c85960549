import type { Form } from '../secret.ts';
import type {
  LineageSegment,
  Participant,
  SessionEvent,
  SessionForked,
  SessionOutcome,
  SessionRewound,
} from './events.ts';
import { evolveSummaries, type SummariesState, summariesThrough } from './summary-state.ts';
import { emptyTurnIndex, findTurn, type TurnIndex, withTurn } from './turn-index.ts';
import { evolveTurn, isTerminal, type TurnState } from './turn-state.ts';

/** Effective history, newest first: a list that shares its tail, so a step copies nothing. */
export interface HistoryNode {
  readonly turnId: string;
  readonly length: number;
  readonly previous?: HistoryNode;
}

/** The newest turn of effective history among those that a fork began with; they are recorded in other sessions. */
export interface InheritedHistory {
  readonly turnId: string;
  readonly position: number;
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
  /** The session's own turns in it. */
  readonly history?: HistoryNode;
  /** What a fork began with, oldest first; never changes. Empty for a session that began with nothing. */
  readonly lineage: readonly LineageSegment[];
  /** How far back effective history goes before the session's own turns; absent where it begins with them. */
  readonly inherited?: InheritedHistory;
  readonly openTurnId?: string;
  /** Oldest first. */
  readonly bookmarks: readonly Bookmark[];
  readonly rewinds: readonly Rewind[];
  /** What is known of the history behind the window; absent before the first summary was claimed. */
  readonly summaries?: SummariesState;
  /** How it ended; absent while it is open. */
  readonly ending?: { readonly outcome: SessionOutcome; readonly score?: number; readonly revision: number };
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
  lineage: [],
  bookmarks: [],
  rewinds: [],
};

export const turnOf = (state: SessionState, turnId: string): TurnState | undefined => findTurn(state.turns, turnId);

/** How many turns effective history has, inherited ones too. */
export const historyLength = ({ history, inherited }: SessionState): number =>
  history?.length ?? inherited?.position ?? 0;

/** The newest turn of effective history, perhaps an inherited one; undefined before the first. */
export const newestTurnId = ({ history, inherited }: SessionState): string | undefined =>
  history?.turnId ?? inherited?.turnId;

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

/**
 * The session's own turns that were history when that one was asked, oldest first, and itself; also of one that has been cut since. What was
 * before the first of them is recorded elsewhere.
 */
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
    case 'SessionForked':
      return forked(next, event.data);
    case 'RerunSessionStarted':
      return forked(next, { ...event.data, bodyHmac: '' });
    case 'SessionEnded': {
      const { outcome, score } = event.data;
      const ending = { outcome, revision: next.revision, ...(score !== undefined && { score }) };
      return { ...next, status: 'ended', ending };
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
      const place = { revision: next.revision, historyLength: historyLength(state) };
      return { ...next, summaries: evolveSummaries(state.summaries, event, place) };
    }
    case 'TurnRequested': {
      const { turnId, position, scenarioVersion, bodyHmac, deadlineMs, state: brought } = event.data;
      const previousTurnId = newestTurnId(state);
      const turn: TurnState = {
        turnId,
        position,
        ...(previousTurnId !== undefined && { previousTurnId }),
        scenarioVersion,
        bodyHmac,
        deadlineMs,
        status: 'requested',
        attempt: 0,
        unsettled: [],
        ...(brought && { stateRev: brought.rev }),
        requestedRevision: next.revision,
        lastRevision: next.revision,
      };
      const history: HistoryNode = {
        turnId,
        length: historyLength(state) + 1,
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

function forked(next: SessionState, data: Omit<SessionForked<Form>['data'], 'parentHash' | 'metadata'>): SessionState {
  const { lineage, scenarioId, scenarioVersion, gameId, participants, keyId, bodyHmac } = data;
  const last = lineage.at(-1);
  return {
    ...next,
    status: 'open',
    scenarioId,
    scenarioVersion,
    participants,
    keyId,
    bodyHmac,
    lineage,
    ...(last && { inherited: { turnId: last.throughTurnId, position: last.throughPosition } }),
    ...(gameId !== undefined && { gameId }),
  };
}

function rewound(next: SessionState, data: SessionRewound<Form>['data']): SessionState {
  const { rewindId, toTurnId, toPosition, bodyHmac } = data;
  const { history, inherited, ending: _undone, ...kept } = next;
  let target = toTurnId === undefined ? undefined : history;
  while (target && target.turnId !== toTurnId) target = target.previous;
  const fromTurnId = newestTurnId(next);
  const rewind: Rewind = {
    rewindId,
    bodyHmac,
    revision: next.revision,
    ...(fromTurnId !== undefined && { fromTurnId }),
    ...(toTurnId !== undefined && { toTurnId }),
  };
  const rewinds = [...next.rewinds, rewind];
  const summaries = kept.summaries && { summaries: summariesThrough(kept.summaries, toPosition) };
  const opened = { ...kept, ...summaries, status: 'open' as const, rewinds };
  if (target) return { ...opened, history: target, ...(inherited && { inherited }) };
  if (toTurnId === undefined || !inherited) return opened;
  return { ...opened, inherited: { turnId: toTurnId, position: toPosition } };
}
