import type { Form, Json, Secret } from '../secret.ts';

/** Who takes part: a player under the random id the key vault gave them, or the scenario's character. */
export type Participant =
  | { readonly kind: 'player'; readonly playerId: string }
  | { readonly kind: 'npc'; readonly scenarioId: string };

/** Who said the input of a turn: a player, or the game itself when it named no player. */
export type Speaker = { readonly kind: 'player'; readonly playerId: string } | { readonly kind: 'game' };

/** Parameters of a planned call; of the stop strings only their number, since a client may have chosen them. */
export interface CallParameters {
  readonly temperature?: number;
  readonly topP?: number;
  readonly maxTokens?: number;
  readonly stops: number;
}

/** What a model is asked for: a character's reply, or a summary of turns that the window has left behind. */
export type CallPurpose = 'reply' | 'summary';

/** One request to a model, named in the log before it is made. */
export interface PlannedCall<Purpose extends CallPurpose = 'reply'> {
  readonly callId: string;
  readonly purpose: Purpose;
  readonly model: string;
  readonly endpoint: string;
  readonly parameters: CallParameters;
}

/** What a character proposes to do: an object by its scenario's move schema. */
export interface Move {
  readonly [name: string]: Json;
}

/** What the game said to a move: legal, and the number of the state it led to, or not, and why. */
export type MoveVerdict<F extends Form> =
  | { readonly verdict: 'accepted'; readonly stateRev: number }
  | { readonly verdict: 'rejected'; readonly reason: Secret<F, string> };

/** What went into the prompt, by reference: enough to rebuild it, and a keyed hash to check the rebuild against (rule 9). */
export interface PromptManifest {
  readonly assembler: number;
  readonly foldedThroughRevision: number;
  readonly fromTurnId?: string;
  readonly throughTurnId?: string;
  readonly scenarioVersion: number;
  /** The attempt of this turn whose move was not valid, where the prompt asks for another; since version 2 of TurnStarted. */
  readonly correctionOfAttempt?: number;
  /** The summary that stands before the window, or that a further one extends; since version 3 of TurnStarted. */
  readonly summaryId?: string;
  readonly estimatedTokens: number;
  readonly hmac: string;
}

export interface Usage {
  readonly input: number;
  readonly cached: number;
  readonly output: number;
  readonly reasoning: number;
  readonly source: 'reported' | 'estimated';
}

/** What the model's side said of itself; strings cut to 128 printable characters. */
export interface ProviderTrace {
  readonly responseId?: string;
  readonly model: string;
  readonly fingerprint?: string;
}

/** Money spent; `costMicroUsd` is absent where no price is known, which is not the same as free. */
export interface Cost {
  readonly costMicroUsd?: number;
  readonly priceTable: string;
}

/** Something that happened in the game and to which the character speaks first: `silence`, `player_entered`. */
export interface Trigger<F extends Form> {
  readonly name: string;
  readonly args?: Secret<F, Json>;
}

export type FinishReason = 'stop' | 'length';
export type TimeoutPhase = 'queue' | 'first_token' | 'total';
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

/** The game's verdict on a completed turn's move: it was legal, and led to that state. */
export interface MoveAccepted {
  readonly type: 'MoveAccepted';
  readonly data: {
    readonly turnId: string;
    /** The game's own number of the state after the move. */
    readonly stateRev: number;
  };
}

/** The game's verdict on a completed turn's move: it was not legal. The character is told why in the next prompt. */
export interface MoveRejected<F extends Form> {
  readonly type: 'MoveRejected';
  readonly data: { readonly turnId: string; readonly reason: Secret<F, string> };
}

export interface SessionEnded {
  readonly type: 'SessionEnded';
  readonly data: {
    readonly outcome: SessionOutcome;
    readonly score?: number;
    readonly by: 'game' | 'player' | 'limit' | 'idle';
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

/** The claim of a summary: appended before the model is called, as a turn's is, so that no call is without a record. */
export interface SummaryStarted {
  readonly type: 'SummaryStarted';
  readonly data: {
    readonly summaryId: string;
    /** The first turn of effective history: a summary covers all that came before the turns after `throughTurnId`. */
    readonly fromTurnId: string;
    readonly throughTurnId: string;
    /** The place of `throughTurnId` in effective history. */
    readonly throughPosition: number;
    /** The worker's incarnation id. */
    readonly worker: string;
    readonly leaseMs: number;
    readonly calls: readonly PlannedCall<'summary'>[];
    /** What the model is told: the summary that this one extends, and the turns from there on. */
    readonly prompt: PromptManifest;
  };
}

/** What the window has left behind, in a few sentences. It counts for as long as its last turn is part of effective history. */
export interface HistorySummarized<F extends Form> {
  readonly type: 'HistorySummarized';
  readonly data: Cost & {
    readonly summaryId: string;
    readonly callId: string;
    readonly fromTurnId: string;
    readonly throughTurnId: string;
    readonly throughPosition: number;
    readonly text: Secret<F, string>;
    /** Tokens of the text, counted once, here. */
    readonly tokens: number;
    readonly finishReason: FinishReason;
    readonly usage: Usage;
    readonly ttftMs: number;
    readonly durationMs: number;
    readonly provider: ProviderTrace;
  };
}

/** A summary that was claimed and did not come about; a second one of the same call is its bill, which came after its worker was given up. */
export interface SummaryFailed {
  readonly type: 'SummaryFailed';
  readonly data: Partial<Cost> & {
    readonly summaryId: string;
    readonly callId: string;
    readonly code: string;
    readonly providerStatus?: number;
    readonly usage?: Usage;
  };
}

/** Every event of a session stream, in the form F. */
export type SessionEvent<F extends Form = Form> =
  | SessionStarted<F>
  | SessionForked<F>
  | RerunSessionStarted
  | TurnRequested<F>
  | TurnStarted
  | TurnAttemptFailed<F>
  | TurnCompleted<F>
  | TurnReused<F>
  | TurnFailed<F>
  | TurnCancelled<F>
  | TurnTimedOut<F>
  | AttemptSettled
  | MoveAccepted
  | MoveRejected<F>
  | SessionReconfigured<F>
  | SessionBookmarked<F>
  | SessionRewound<F>
  | SessionEnded
  | SummaryStarted
  | HistorySummarized<F>
  | SummaryFailed;
