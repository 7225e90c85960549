import type { LineageSegment, Participant, SessionOutcome } from './events.ts';
import type { SummariesState } from './summary-state.ts';
import { emptyTurnIndex, type TurnIndex } from './turn-index.ts';
import type { TurnState } from './turn-state.ts';

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
