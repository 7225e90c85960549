import type { ModelFailureCode } from '@turnledger/shared/ports';
import type { TwinBehaviour } from './twin-behaviour.ts';

/**
 * What becomes of one request: the reply is whole (`completed`), a named failure, or nothing that ends it but a deadline: the one to the
 * first text (`no_first_text`), or the turn's own once text has come (`no_end`).
 */
export type CellOutcome = 'completed' | 'no_first_text' | 'no_end' | ModelFailureCode;

/** One way in which a model endpoint can answer, and what must become of it. */
export interface EndpointCell {
  /** As 05-reliability names it. */
  readonly what: string;
  /** What the twin is told; `nobody_listens` needs a port without a server. */
  readonly behaviour: TwinBehaviour | 'nobody_listens';
  /** When the endpoint streams, as it is asked to. */
  readonly streamed: CellOutcome;
  /** When it answers in one JSON all the same. */
  readonly whole: CellOutcome;
  readonly finishReason?: 'stop' | 'length';
  /** The wait that the endpoint asks for, milliseconds; goes before our own. A date is exact to a second. */
  readonly retryAfterMs?: number;
}

/** The two ways in which each cell is played. */
export const replyForms = ['streamed', 'whole'] as const;
export type ReplyForm = (typeof replyForms)[number];

/**
 * What follows a failure: `final`, or another attempt after so many milliseconds, doubled with each attempt, of which half at least is
 * waited. The worker's table, spelt out once more for readers; the service's test holds the two together.
 */
export const failureWaits: { readonly [code in ModelFailureCode]: number | 'final' } = {
  model_unreachable: 200,
  model_timeout: 100,
  model_rate_limited: 500,
  model_overloaded: 500,
  model_server_error: 200,
  model_stream_cut: 100,
  model_empty: 100,
  model_not_json: 200,
  model_unauthorized: 'final',
  model_not_found: 'final',
  model_request_refused: 'final',
  model_redirected: 'final',
  model_body_too_large: 'final',
  model_content_filtered: 'final',
  model_unexpected_tool_call: 'final',
  model_finish_reason_unknown: 'final',
};
