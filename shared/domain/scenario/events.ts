import type { Json } from '../secret.ts';

export interface ModelChoice {
  /** A model's name at its endpoint; `default` stands for the one the operator runs. */
  readonly name: string;
  /** The operator's name of an endpoint, never a URL. */
  readonly endpoint: string;
  readonly weight: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly maxTokens?: number;
  readonly stop: readonly string[];
}

/** A model is asked, beside the turns, for a summary of what the window has left behind, and each summary goes on from the one before. */
export interface SummaryConfig {
  readonly mode: 'rolling';
  /** Of a summary. */
  readonly maxTokens: number;
  /** A model's name, as a turn may ask for one; absent: the first of the scenario's that this operator has. */
  readonly model?: string;
}

/** Everything a scenario version fixes, after merging; a session pins one version. */
export interface ScenarioConfig {
  readonly persona: { readonly name: string; readonly instructions: string; readonly greeting?: string };
  readonly models: readonly ModelChoice[];
  readonly strategy: 'single' | 'fallback' | 'weighted';
  readonly history: {
    readonly windowTurns: number;
    readonly inputTokenBudget: number;
    /** How what the window leaves behind is summarised; absent: it is not. Since version 2. */
    readonly summary?: SummaryConfig;
  };
  readonly moves: {
    readonly mode: 'none' | 'optional' | 'required';
    readonly schema?: { readonly [key: string]: Json };
  };
  /** JSON pointers into the game state that the model, and the public, may see. */
  readonly view: { readonly model: readonly string[]; readonly public: readonly string[] };
  readonly turns: { readonly onBusy: 'reject' | 'interrupt'; readonly maxTurns: number };
  readonly deadlines: { readonly firstTokenMs: number; readonly totalMs: number };
  readonly retry: { readonly maxAttempts: number };
  readonly fallbackLines: readonly string[];
}

export interface ScenarioConfigured {
  readonly type: 'ScenarioConfigured';
  readonly data: ScenarioConfig & {
    readonly version: number;
    readonly configHash: string;
    readonly note?: string;
    /** SHA-256 of the Idempotency-Key and of the body it came with, so that a retry finds its version behind newer ones. */
    readonly request?: { readonly keyHash: string; readonly bodyHash: string };
  };
}

/** What new sessions take from now on. */
export interface ScenarioVersionPromoted {
  readonly type: 'ScenarioVersionPromoted';
  readonly data: { readonly version: number };
}

/** No new session takes it from now on, and nobody changes it any more; sessions under way go on. */
export interface ScenarioRetired {
  readonly type: 'ScenarioRetired';
  /** `version`: what new sessions took until then. */
  readonly data: { readonly version: number; readonly reason?: string };
}

/** What a re-run has to come to before its version becomes the default; what is absent is not asked. */
export interface GateThresholds {
  /** Turns that were compared. */
  readonly minTurns?: number;
  /** Failed or timed out, of those compared. */
  readonly maxFailedRate?: number;
  /** Whose new ending is not the recorded one, of those compared. */
  readonly maxDivergedRate?: number;
  /** Invalid, or rejected by the game, of the moves. */
  readonly maxIllegalMoveRate?: number;
  /** Mean, 0 to 1. */
  readonly minSimilarity?: number;
  /** New cost over recorded cost. */
  readonly maxCostRatio?: number;
  /** New time over recorded time, from request to last word. */
  readonly maxLatencyRatio?: number;
}

/** A threshold that was not met; `measured` is absent where there was nothing to measure. */
export interface MissedThreshold {
  readonly threshold: keyof GateThresholds;
  readonly limit: number;
  readonly measured?: number;
}

/** A version is held back from being the default until a re-run has been judged. */
export interface ScenarioGateOpened {
  readonly type: 'ScenarioGateOpened';
  readonly data: { readonly version: number; readonly rerunId: string; readonly thresholds: GateThresholds };
}

/** `incomplete`: the re-run was not completed, or its scenario was retired meanwhile; `abandoned`: it was never recorded. */
export type GateOutcome = 'passed' | 'failed' | 'incomplete' | 'abandoned';

export interface ScenarioGateClosed {
  readonly type: 'ScenarioGateClosed';
  readonly data: {
    readonly version: number;
    readonly rerunId: string;
    readonly outcome: GateOutcome;
    readonly missed: readonly MissedThreshold[];
  };
}

export type ScenarioEvent =
  | ScenarioConfigured
  | ScenarioVersionPromoted
  | ScenarioRetired
  | ScenarioGateOpened
  | ScenarioGateClosed;
