import type { Form, Json, Secret } from '../secret.ts';
import type { Cost, FinishReason, PlannedCall, PromptManifest, ProviderTrace, Usage } from './call-facts.ts';
import type { Move } from './move-events.ts';

/** Who said the input of a turn: a player, or the game itself when it named no player. */
export type Speaker = { readonly kind: 'player'; readonly playerId: string } | { readonly kind: 'game' };

/** Something that happened in the game and to which the character speaks first: `silence`, `player_entered`. */
export interface Trigger<F extends Form> {
  readonly name: string;
  readonly args?: Secret<F, Json>;
}

export type TimeoutPhase = 'queue' | 'first_token' | 'total';

export interface TurnRequested<F extends Form> {
  readonly type: 'TurnRequested';
  readonly data: {
    readonly turnId: string;
    /** Place in effective history, from 1. */
    readonly position: number;
    /** The version of the session's scenario that the turn is played under, whatever is reconfigured later. */
    readonly scenarioVersion: number;
    readonly speaker: Speaker;
    /** What was said; absent where a trigger lets the character speak first. Exactly one of the two is there. */
    readonly text?: Secret<F, string>;
    readonly trigger?: Trigger<F>;
    readonly state?: { readonly rev: number; readonly data: Secret<F, Json> };
    readonly metadata?: Secret<F, { readonly [key: string]: Json }>;
    /** Tokens of the text or of the trigger, counted once, here. */
    readonly tokens: number;
    readonly deadlineMs: number;
    readonly bodyHmac: string;
    readonly overrides?: {
      readonly model?: string;
      readonly temperature?: number;
      readonly topP?: number;
      readonly maxTokens?: number;
      readonly stop?: Secret<F, readonly string[]>;
    };
  };
}

/** The claim: appended before the model is called, so that no call is without a record (rule 4). */
export interface TurnStarted {
  readonly type: 'TurnStarted';
  readonly data: {
    readonly turnId: string;
    readonly attempt: number;
    /** The worker's incarnation id: a new one each time a worker starts. */
    readonly worker: string;
    readonly leaseMs: number;
    readonly calls: readonly PlannedCall[];
    readonly prompt: PromptManifest;
  };
}

export interface TurnAttemptFailed<F extends Form> {
  readonly type: 'TurnAttemptFailed';
  readonly data: {
    readonly turnId: string;
    readonly attempt: number;
    readonly callId?: string;
    readonly code: string;
    readonly providerStatus?: number;
    readonly retryInMs?: number;
    readonly reply?: Secret<F, string>;
    readonly usage?: Usage;
    readonly costMicroUsd?: number;
  };
}

export interface TurnCompleted<F extends Form> {
  readonly type: 'TurnCompleted';
  readonly data: Cost & {
    readonly turnId: string;
    readonly attempt: number;
    readonly callId: string;
    readonly reply: Secret<F, string>;
    /** What the reply proposed, valid by the scenario's schema; since version 2. */
    readonly move?: Secret<F, Move>;
    readonly finishReason: FinishReason;
    readonly usage: Usage;
    /** From the request to the model to its first text, in milliseconds. */
    readonly ttftMs: number;
    /** From the request to the model to its end, in milliseconds. */
    readonly durationMs: number;
    readonly provider: ProviderTrace;
  };
}

/** A turn of a re-run whose request is the recorded one, to the byte: its recorded reply stands, and nobody is asked. */
export interface TurnReused<F extends Form> {
  readonly type: 'TurnReused';
  readonly data: {
    readonly turnId: string;
    readonly source: { readonly sessionId: string; readonly turnId: string };
    /** Keyed hash of the request that was made again, equal to the one that was recorded. */
    readonly hmac: string;
    readonly reply: Secret<F, string>;
    readonly move?: Secret<F, Move>;
    readonly finishReason: FinishReason;
    readonly model: string;
  };
}

export interface TurnFailed<F extends Form> {
  readonly type: 'TurnFailed';
  readonly data: {
    readonly turnId: string;
    readonly attempt?: number;
    readonly code: string;
    readonly stage: 'queue' | 'prompt' | 'model';
    readonly partial?: Secret<F, string>;
    readonly fallback?: Secret<F, string>;
    readonly usage?: Usage;
    readonly costMicroUsd?: number;
  };
}

export interface TurnCancelled<F extends Form> {
  readonly type: 'TurnCancelled';
  readonly data: {
    readonly turnId: string;
    readonly attempt?: number;
    readonly by: string;
    /** `superseded`: a newer turn of the session took its place (`on_busy: interrupt`). */
    readonly reason: 'requested' | 'session_ended' | 'superseded';
    readonly partial?: Secret<F, string>;
  };
}

export interface TurnTimedOut<F extends Form> {
  readonly type: 'TurnTimedOut';
  readonly data: {
    readonly turnId: string;
    readonly attempt?: number;
    readonly phase: TimeoutPhase;
    readonly elapsedMs: number;
    readonly partial?: Secret<F, string>;
    readonly fallback?: Secret<F, string>;
  };
}

/** Money spent that the ending could not carry; changes neither status nor reply. */
export interface AttemptSettled {
  readonly type: 'AttemptSettled';
  readonly data: Cost & {
    readonly turnId: string;
    readonly attempt: number;
    readonly callId: string;
    readonly outcome: 'late' | 'cancelled' | 'timed_out' | 'lost';
    readonly usage: Usage;
    readonly provider?: ProviderTrace;
  };
}
