import type { RetryPolicy } from './client-bounds.ts';
import { randomFraction } from './random-draw.ts';
import { pauseMsAfter } from './retry-table.ts';
import { TurnledgerProblem } from './turnledger-problem.ts';

/** Sleeps, or wakes early when the signal aborts; leaves neither timer nor listener. */
export function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const wake = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', wake);
      resolve();
    };
    const timer = setTimeout(wake, ms);
    signal?.addEventListener('abort', wake, { once: true });
  });
}

/** The failures one action may meet before it gives up: one count over everything it does, so that no retry multiplies another. */
export class RetryBudget {
  readonly #policy: RetryPolicy;
  readonly #signal: AbortSignal | undefined;
  #failures = 0;
  #reconnectMs = 0;

  constructor(policy: RetryPolicy, signal: AbortSignal | undefined) {
    this.#policy = policy;
    this.#signal = signal;
  }

  /** Something new arrived: the next failure is a first one again. */
  progress(): void {
    this.#failures = 0;
  }

  /** The least pause between connections that bring nothing, as a stream's `retry:` asks; at most `maxPauseMs`. */
  spaceOut(reconnectMs: number): void {
    this.#reconnectMs = Math.min(reconnectMs, this.#policy.maxPauseMs);
  }

  /** Pauses until the action may go on. Throws what failed when it may not: not retryable, too often, or told to stay away for too long. */
  async afterFailure(thrown: unknown): Promise<void> {
    if (!(thrown instanceof TurnledgerProblem) || !thrown.retryable) throw thrown;
    const { retryAfterMs = 0 } = thrown;
    this.#failures += 1;
    if (this.#failures > this.#policy.maxRetries || retryAfterMs > this.#policy.maxRetryAfterMs) throw thrown;
    // The first reconnect is soon, for a player sees the text stand still; the next ones are as far apart as the service wants them.
    const leastMs = this.#failures === 1 ? retryAfterMs : Math.max(retryAfterMs, this.#reconnectMs);
    await pause(
      pauseMsAfter(this.#failures, this.#policy, { fraction: randomFraction(), retryAfterMs: leastMs }),
      this.#signal,
    );
  }
}
