/** A hint that a turn wants attention; the stream is the truth, so a message may come late, twice or for nothing. */
export interface TurnMessage {
  readonly kind: 'requested' | 'ended';
  readonly sessionId: string;
  readonly turnId: string;
  /** The log's time of TurnRequested and the turn's deadline from it; for `ended` of no meaning. */
  readonly requestedAtMs: number;
  readonly deadlineMs: number;
  readonly correlationId: string;
}

/** Answers once the turn of that message is done with; a throw is logged and the message dropped (the expiry loop ends the turn). */
export type TurnHandler = (message: TurnMessage) => Promise<void>;

/**
 * At least once, in order per session: one message of a session is handled at a time. `ended` messages do not wait in the lane: they go
 * to `onEnded` at once, so that a running call can be aborted.
 */
export interface TurnQueue {
  /** Takes messages, bounded: waits while the queue is full. */
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
