import type { Rerun, RerunRow } from './documents.ts';

/** Whose recorded turns: one session's, through a turn or as far as they have ended, or those of every session that is meant. */
export type RerunTarget = { readonly sessionId: string; readonly throughTurnId?: string } | SessionsOfScenario;

/** Players' sessions of a scenario; all of them unless said. */
export interface SessionsOfScenario extends SessionSelection {
  readonly scenarioId: string;
}

export interface SessionSelection {
  /** Sessions that play this version. */
  readonly scenarioVersion?: number;
  readonly gameId?: string;
  /** Begun then or later, or before that: a time with its zone, as `2026-01-31T09:30:00Z`. */
  readonly from?: string;
  readonly to?: string;
}

/** How turns are asked again. */
export interface RerunManner {
  /** Each turn after its recorded history, or after the new answers. Default `teacher_forced`. */
  readonly mode?: Rerun['mode'];
  /** A recorded reply stands, at no cost, where its request would be the same. Default true. */
  readonly reuse?: boolean;
  /** Turns that are asked at once, at most. Default 8. */
  readonly concurrency?: number;
  /** Millionths of a US dollar; no turn is asked that may take it above this. */
  readonly spendCapMicroUsd?: number;
}

/** What is asked otherwise than it was recorded; what is absent stays. */
export interface RerunChanges {
  readonly scenarioVersion?: number;
  /** Asked of this model alone; `default` where a member is absent. */
  readonly model?: { readonly name?: string; readonly endpoint?: string };
  readonly temperature?: number;
  readonly topP?: number;
  readonly maxTokens?: number;
}

export interface EstimateRerunOptions extends RerunManner {
  readonly overrides?: RerunChanges;
  readonly signal?: AbortSignal;
}

export interface RequestRerunOptions extends EstimateRerunOptions {
  /** One for each re-run that is wanted; made here where it is absent. */
  readonly idempotencyKey?: string;
}

/** What a version must come to before new sessions take it; of what is given all has to be met, and something must be. */
export interface GateLimits {
  readonly minTurns?: number;
  /** Rates are 0 to 1. */
  readonly maxFailedRate?: number;
  readonly maxDivergedRate?: number;
  readonly maxIllegalMoveRate?: number;
  readonly minSimilarity?: number;
  /** New over recorded. */
  readonly maxCostRatio?: number;
  readonly maxLatencyRatio?: number;
}

export interface OpenGateOptions extends SessionSelection, RerunManner {
  /** The version that is held back, and promoted once the thresholds are met. */
  readonly version: number;
  readonly thresholds: GateLimits;
  /** One for each gate that is wanted; made here where it is absent. */
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}

/** Which re-runs; all that the caller may see unless said. Newest first. */
export interface RerunFilter {
  readonly scenarioId?: string;
  readonly gameId?: string;
  readonly status?: RerunRow['status'];
  /** Asked for then or later, or before that: a date as `2026-01-31`, or a time with its zone. */
  readonly from?: string;
  readonly to?: string;
  readonly minPosition?: string;
  readonly signal?: AbortSignal;
}

export interface RerunTurnsOptions {
  /** Those whose new ending is another one than the recorded; absent: all that have been compared. */
  readonly diverged?: 'only';
  readonly signal?: AbortSignal;
}

export interface AwaitRerunOptions {
  /** Told how far it is at each look, the last one included. */
  readonly onProgress?: (rerun: Rerun) => void;
  readonly signal?: AbortSignal;
}
