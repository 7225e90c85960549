import type { endSessionBody } from '../contracts/index.ts';

export interface EndOptions {
  /** Default `completed`. */
  readonly outcome?: NonNullable<ReturnType<(typeof endSessionBody)['parse']>['outcome']>;
  readonly score?: number;
  /** The session's `etag`, if it must still be as it was read. */
  readonly ifMatch?: string;
  readonly signal?: AbortSignal;
}

export interface ReconfigureOptions {
  /** The version that its next turns play under. */
  readonly scenarioVersion: number;
  readonly reason?: string;
  readonly ifMatch?: string;
  readonly signal?: AbortSignal;
}

/** What the game makes of a move: legal, and the number of the state it led to, or not, and why; the character is told why. */
export type MoveVerdict =
  | { readonly verdict: 'accepted'; readonly stateRev: number }
  | { readonly verdict: 'rejected'; readonly reason: string };

export interface JudgeOptions {
  readonly ifMatch?: string;
  readonly signal?: AbortSignal;
}

export interface FollowOptions {
  /** The id of the last event the caller has; 0 for all. */
  readonly after?: number;
  readonly signal?: AbortSignal;
}

export interface Waiting {
  readonly signal?: AbortSignal;
}
