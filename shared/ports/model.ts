import type { Json } from '../domain/index.ts';

/** A chat message as it goes to a model, before any wire mapping. */
export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** Everything that decides a reply; this, and nothing else, is what the prompt's keyed hash covers. */
export interface ModelRequest {
  readonly endpoint: string;
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  readonly parameters: {
    readonly temperature?: number;
    readonly topP?: number;
    readonly maxTokens?: number;
    readonly stop: readonly string[];
  };
  /** What the whole answer must look like, as JSON; only for a model that `keepsFormat`. Absent: text. */
  readonly format?: { readonly name: string; readonly schema: { readonly [name: string]: Json } };
}

export interface ModelUsage {
  readonly input: number;
  readonly cached: number;
  readonly output: number;
  readonly reasoning: number;
}

/** Why a call brought no usable answer; the worker's table says which are worth another attempt. */
export type ModelFailureCode =
  | 'model_unreachable'
  | 'model_timeout'
  | 'model_rate_limited'
  | 'model_overloaded'
  | 'model_server_error'
  | 'model_unauthorized'
  | 'model_not_found'
  | 'model_request_refused'
  | 'model_redirected'
  | 'model_not_json'
  | 'model_stream_cut'
  | 'model_body_too_large'
  | 'model_empty'
  | 'model_content_filtered'
  | 'model_unexpected_tool_call'
  | 'model_finish_reason_unknown';

/**
 * What a model says, in order: any number of deltas, then exactly one ending. An `ended` event is the only proof that a reply is whole;
 * an iterator that finishes without one was cut.
 */
export type ModelEvent =
  | { readonly kind: 'delta'; readonly text: string }
  | {
      readonly kind: 'ended';
      readonly finishReason: 'stop' | 'length';
      readonly model: string;
      readonly responseId?: string;
      readonly fingerprint?: string;
      readonly usage?: ModelUsage;
    }
  | {
      readonly kind: 'failed';
      readonly code: ModelFailureCode;
      readonly providerStatus?: number;
      /** What the provider asked to wait, milliseconds. */
      readonly retryAfterMs?: number;
      readonly usage?: ModelUsage;
    };

/** A source of replies. */
export interface Model {
  /**
   * Asks once, never retries, under the id that the log has for the call, so that what a provider bills can be held against it. Every failure is a `failed` event, not a throw; after the signal aborts the iterator ends within 100 ms
   * without an ending and the connection is closed. Bounds: 4 MiB of body, 1 MiB a line.
   */
  reply(request: ModelRequest, callId: string, signal: AbortSignal): AsyncIterable<ModelEvent>;
  /** The name that `default` stands for, and that every reply and event carries. */
  readonly defaultModel: string;
  /** True for a model whose replies come from an algorithm in this process and cost nothing. */
  readonly isScripted: boolean;
  /** Whether it answers in the `format` of a request; absent: it answers in text alone. */
  readonly keepsFormat?: boolean;
}
