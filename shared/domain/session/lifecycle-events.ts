import type { Form, Json, Secret } from '../secret.ts';

/** Who takes part: a player under the random id the key vault gave them, or the scenario's character. */
export type Participant =
  | { readonly kind: 'player'; readonly playerId: string }
  | { readonly kind: 'npc'; readonly scenarioId: string };

export type SessionOutcome = 'completed' | 'won' | 'lost' | 'drawn' | 'abandoned' | 'expired';

export interface SessionStarted<F extends Form> {
  readonly type: 'SessionStarted';
  readonly data: {
    readonly scenarioId: string;
    readonly scenarioVersion: number;
    readonly gameId?: string;
    readonly participants: readonly Participant[];
    readonly keyId: string;
    readonly metadata?: Secret<F, { readonly [key: string]: Json }>;
    /** Keyed hash of the request that started it: the same key with another body is told apart (rule 1). */
    readonly bodyHmac: string;
  };
}

/**
 * A stretch of the past that a fork shares: turns of that session, through one of them, as they stood at one of its revisions. Positions go
 * on from one stretch to the next.
 */
export interface LineageSegment {
  readonly sessionId: string;
  readonly throughTurnId: string;
  readonly throughPosition: number;
  /** Nothing that was recorded of the session after it is known to the fork. */
  readonly throughRevision: number;
}

/** The first event of a session that goes on from a turn of another one: by reference, nothing of the past is copied (rule 12). */
export interface SessionForked<F extends Form> {
  readonly type: 'SessionForked';
  readonly data: {
    /** Oldest first; the newest names the turn that it goes on from. A fork of a fork has its parent's stretches, and one more. */
    readonly lineage: readonly LineageSegment[];
    /** Hash of the event at the newest stretch's `throughRevision`: whoever changes the past breaks the fork's chain too. */
    readonly parentHash: string;
    readonly scenarioId: string;
    readonly scenarioVersion: number;
    readonly gameId?: string;
    readonly participants: readonly Participant[];
    readonly keyId: string;
    readonly metadata?: Secret<F, { readonly [key: string]: Json }>;
    readonly bodyHmac: string;
  };
}

/**
 * The first event of a session in which recorded turns are asked again; its stream is of another category than those of players, so that no
 * view, queue or history of theirs has it. `lineage` is the recorded past that its first turn is asked after: none where that was the first.
 */
export interface RerunSessionStarted {
  readonly type: 'RerunSessionStarted';
  readonly data: {
    readonly rerunId: string;
    /** The recorded session, and the first turn of it that is asked again here. */
    readonly source: { readonly sessionId: string; readonly turnId: string };
    readonly lineage: readonly LineageSegment[];
    /** Hash of the event at the newest stretch's `throughRevision`; absent where there is none. */
    readonly parentHash?: string;
    readonly scenarioId: string;
    readonly scenarioVersion: number;
    readonly gameId?: string;
    readonly participants: readonly Participant[];
    /** The source's: whoever is erased there is erased here. */
    readonly keyId: string;
  };
}

/** Turns asked for from now on are played under another version of the same scenario. */
export interface SessionReconfigured<F extends Form> {
  readonly type: 'SessionReconfigured';
  readonly data: { readonly scenarioVersion: number; readonly reason?: Secret<F, string> };
}

/** A place to come back to. Like a rewind it names the request that made it, so that a repeated key finds what it did (rule 1). */
export interface SessionBookmarked<F extends Form> {
  readonly type: 'SessionBookmarked';
  readonly data: {
    readonly bookmarkId: string;
    /** A turn of effective history that has ended. */
    readonly turnId: string;
    readonly label?: Secret<F, string>;
    readonly bodyHmac: string;
  };
}

/** The turns behind the target, and an ending of the session with them, leave effective history (rule 12). Their events stay. */
export interface SessionRewound<F extends Form> {
  readonly type: 'SessionRewound';
  readonly data: {
    readonly rewindId: string;
    /** Absent: to before the first turn. */
    readonly toTurnId?: string;
    /** The target's place in effective history; 0 before the first turn. */
    readonly toPosition: number;
    readonly by: string;
    readonly reason?: Secret<F, string>;
    readonly bodyHmac: string;
  };
}

export interface SessionEnded {
  readonly type: 'SessionEnded';
  readonly data: {
    readonly outcome: SessionOutcome;
    readonly score?: number;
    readonly by: 'game' | 'player' | 'limit' | 'idle';
  };
}
