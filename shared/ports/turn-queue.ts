/** A hint that a turn wants attention; the stream is the truth, so a message may come late, twice or for nothing. */
export interface TurnMessage {
  readonly kind: 'requested' | 'ended';
  readonly sessionId: string;
  readonly turnId: string;
  /** The log's time of TurnRequested and the turn's deadline from it; for `ended` of no meaning. */
  readonly requestedAtMs: number;
  readonly deadlineMs: number;
  readonly correlationId: string;
  /** The event it tells of, where known: for people who look into a queue, and for what has to match the two. */
  readonly origin?: { readonly eventId: string; readonly position: bigint };
}

/**
 * Answers once the turn of that message is done with; a throw is logged and the message dropped (the expiry loop ends the turn). One of
 * `turn_not_found`, for a turn that the log does not have, is told apart: a queue that keeps what it cannot use puts the message aside.
 */
export type TurnHandler = (message: TurnMessage) => Promise<void>;

/**
 * At least once, in order per session: one message of a session is handled at a time. `ended` messages do not wait in the lane: they go
 * to `onEnded` at once, so that a running call can be aborted.
 */
export interface TurnQueue {
  /**
   * Takes messages, bounded: waits while the queue is full. Resolves once the queue has all of them for good, as far as it keeps anything:
   * a checkpoint may then move past them. Rejects with `store_unavailable` when it cannot say so; some may be there, all are to come again.
   */
  enqueue(messages: readonly TurnMessage[]): Promise<void>;
  /** Starts handling, at most `concurrency` at once; resolves when the signal has aborted and running handlers are done. */
  consume(options: {
    readonly concurrency: number;
    readonly onRequested: TurnHandler;
    readonly onEnded: (message: TurnMessage) => void;
    readonly signal: AbortSignal;
  }): Promise<void>;
  /** Messages waiting, for health and metrics. */
  depth(): number;
}
