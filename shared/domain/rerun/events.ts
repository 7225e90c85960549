import type { TurnStatus } from '../session/turn-state.ts';

/** `teacher_forced`: each recorded turn is asked again after its recorded history; `free_running`: the new answers carry on. */
export type RerunMode = 'teacher_forced' | 'free_running';

/** What a re-run changes about the turns that it asks again; what is absent stays as it was recorded. */
export interface RerunOverrides {
  /** A version of the same scenario. */
  readonly scenarioVersion?: number;
  /** Asked of that model alone, whatever the scenario's strategy is. */
  readonly model?: { readonly name: string; readonly endpoint: string };
  readonly temperature?: number;
  readonly topP?: number;
  readonly maxTokens?: number;
}

/** A session whose turns are asked again: its own, through that turn, as far as they were answered or failed. */
export interface RerunSource {
  readonly sessionId: string;
  readonly throughTurnId: string;
  /** How many turns of it that is. */
  readonly turns: number;
}

/** Everything that a re-run will do, fixed before it begins; a session that goes on afterwards does not change it. */
export interface RerunRequested {
  readonly type: 'RerunRequested';
  readonly data: {
    readonly scenarioId: string;
    /** The game whose sessions they are; absent where they are of several, or of none. */
    readonly gameId?: string;
    readonly mode: RerunMode;
    readonly sources: readonly RerunSource[];
    /** Of all sources. */
    readonly turns: number;
    readonly overrides: RerunOverrides;
    /** Whether a recorded reply stands where the request that is made again is the recorded one. */
    readonly reuse: boolean;
    /** Turns that are asked at once, at most. */
    readonly concurrency: number;
    readonly spendCapMicroUsd?: number;
    /** The version that is held back until this re-run meets its thresholds. */
    readonly gateVersion?: number;
    /** SHA-256 of the request: the same key with another body is told apart (rule 1). */
    readonly bodyHash: string;
  };
}

/** What became of a turn's move: there was none, it waits for a verdict, it has one, or no answer had a valid one. */
export type MoveFigure = 'none' | 'unjudged' | 'accepted' | 'rejected' | 'invalid';

/** A turn in figures: everything about it that may be compared without its texts. */
export interface TurnFigures {
  readonly status: TurnStatus;
  readonly move: MoveFigure;
  readonly attempts: number;
  readonly model?: string;
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  /** Of all its attempts; absent where one of them has no known price. */
  readonly costMicroUsd?: number;
  readonly firstTokenMs?: number;
  readonly durationMs?: number;
}

/** A turn that was asked again, beside what was recorded of it. Its texts stay in the two sessions. */
export interface RerunTurnCompared {
  readonly type: 'RerunTurnCompared';
  readonly data: {
    readonly sessionId: string;
    readonly turnId: string;
    /** Of the recorded turn. */
    readonly position: number;
    readonly rerunSessionId: string;
    readonly rerunTurnId: string;
    /** `reused`: its request was the recorded one, and so is its reply; nobody was asked. */
    readonly outcome: 'reused' | 'completed' | 'failed' | 'timed_out';
    /** Why it failed. */
    readonly code?: string;
    /** Also true where neither of them has a reply. */
    readonly isSameText: boolean;
    /** 0 to 1, by the words that both have; absent where one of them has no reply. */
    readonly similarity?: number;
    readonly move: 'none' | 'same' | 'changed' | 'added' | 'removed';
    readonly recorded: TurnFigures;
    readonly repeated: TurnFigures;
  };
}

/** No further turn is asked; those under way end first. */
export interface RerunCancelled {
  readonly type: 'RerunCancelled';
  readonly data: { readonly by: string };
}

export type RerunOutcome = 'completed' | 'cancelled' | 'spend_cap_reached' | 'failed';

export interface RerunFinished {
  readonly type: 'RerunFinished';
  /** `code`: why it failed as a whole. */
  readonly data: { readonly outcome: RerunOutcome; readonly code?: string };
}

/** Every event of a re-run's stream. Nothing in it is personal: texts are in the sessions. */
export type RerunEvent = RerunRequested | RerunTurnCompared | RerunCancelled | RerunFinished;
