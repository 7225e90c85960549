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

export interface FollowOptions {
  /** The id of the last event the caller has; 0 for all. */
  readonly after?: number;
  readonly signal?: AbortSignal;
}

export interface ReplayOptions {
  /** Times the recorded pace, 0.1 to 100; `max` without a pause. Default 1. */
  readonly speed?: number | 'max';
  /** The last turn that is wanted. */
  readonly atTurn?: string;
  readonly signal?: AbortSignal;
}

export interface Waiting {
  readonly signal?: AbortSignal;
}
