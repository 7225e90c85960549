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

export type FinishReason = 'stop' | 'length';
