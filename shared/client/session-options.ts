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

export interface BookmarkOptions {
  /** Default: the newest turn that has ended. */
  readonly turnId?: string;
  readonly label?: string;
  /** One for each bookmark the player makes; made here where it is absent. */
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}

export interface RewindOptions {
  readonly reason?: string;
  readonly ifMatch?: string;
  /** One for each time that something is taken back; made here where it is absent. */
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}

/** Where to go back to: a bookmark, the last turn to keep, or the start of the session. */
export type RewindTarget = { readonly bookmark: string } | { readonly turnId: string } | 'start';

export interface ForkOptions {
  /** What the fork plays; default: the version that the session plays now. */
  readonly scenarioVersion?: number;
  readonly metadata?: { readonly [key: string]: string | number | boolean };
  /** One for each fork that is wanted; made here where it is absent. */
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}

/** Where to go on from: a bookmark, or a turn, also one that was rewound away; neither: the newest turn that has ended. */
export type ForkPoint = { readonly bookmark: string } | { readonly turnId?: string };

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

export interface SpectateOptions {
  /** `start`: what was before comes first, as it was recorded. Default: from now on, with a turn that is open. */
  readonly from?: 'start';
  /** The id of the last event the caller has, of another watch of this session; goes before `from`. */
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
