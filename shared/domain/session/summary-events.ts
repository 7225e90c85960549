import type { Form, Secret } from '../secret.ts';
import type { Cost, FinishReason, PlannedCall, PromptManifest, ProviderTrace, Usage } from './call-facts.ts';

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
