/**
 * What the client holds itself to. It may import no value of the contracts, so those that the service has as well stand here again;
 * a test holds the two against each other.
 */
export const clientBounds = {
  /** How often the service sends a comment on an idle stream. */
  heartbeatMs: 15_000,
  /** So many heartbeats without a byte and the connection counts as dead, though nobody closed it. */
  silentHeartbeats: 3,
  /** Pause before a reconnect when the last one brought nothing; a stream's `retry:` field replaces it. */
  reconnectMs: 2_000,
  /** The longest deadline of a turn (300 s), what the service waits beyond it (3 s), and the way there and back. */
  turnAnswerMs: 310_000,
  /** Any other answer; a query may wait 5 s for its view. */
  answerMs: 30_000,
  /** A re-render carries a whole session: 900 turns of common length are below 4 MiB, and nothing else comes near. */
  maxAnswerBytes: 64 * 1024 * 1024,
  /** An ending carries a reply of 256 KiB twice and a prompt of 32 KiB; JSON may write a byte of them as six. */
  maxEventChars: 4 * 1024 * 1024,
  maxIdempotencyKeyChars: 255,
  maxPageRows: 100,
  /** Between two looks at a re-run that is waited for, doubling from the first pause to the longest. */
  firstRerunPauseMs: 100,
  maxRerunPauseMs: 2_000,
} as const;

/** How failures are met: how often, how soon, how long. */
export interface RetryPolicy {
  /** Failures in a row after which the action gives up; an event that arrives on a stream starts the count anew. Default 6. */
  readonly maxRetries: number;
  /** The first pause, doubling from failure to failure; half of it is jitter. Default 250. */
  readonly firstPauseMs: number;
  /** Default 8,000. */
  readonly maxPauseMs: number;
  /** A Retry-After beyond this is not waited for: the problem is thrown with it. Default 60,000. */
  readonly maxRetryAfterMs: number;
  /** A stream that brings no byte for this long is opened again. Default 45,000: three heartbeats. */
  readonly silenceMs: number;
}

/** Six retries span some 16 s: a service that restarts is back by then. */
export const defaultRetryPolicy: RetryPolicy = {
  maxRetries: 6,
  firstPauseMs: 250,
  maxPauseMs: 8_000,
  maxRetryAfterMs: 60_000,
  silenceMs: clientBounds.heartbeatMs * clientBounds.silentHeartbeats,
};
