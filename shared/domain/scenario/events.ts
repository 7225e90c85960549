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

export type ScenarioEvent = ScenarioConfigured | ScenarioVersionPromoted | ScenarioRetired;
