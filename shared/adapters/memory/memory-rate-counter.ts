import { limits } from '../../contracts/index.ts';
import type { Clock, RateCounter } from '../../ports/index.ts';

const MINUTE_MS = 60_000;

interface Bucket {
  readonly tokens: number;
  readonly atMs: number;
}

export interface MemoryRateCounterOptions {
  /** 0: no bound. */
  readonly perMinute: number;
  readonly clock: Pick<Clock, 'monotonicMs'>;
}

/**
 * One process's own count, which is lost with it. Forgets the keys it has not seen longest beyond limits.admission.maxRatedPlayers, which
 * then start with a full bucket.
 *
 * Why not rate-limiter-flexible: its store in memory keeps a timer for each key, has no bound, and reads the machine's clock.
 */
export class MemoryRateCounter implements RateCounter {
  readonly #perMinute: number;
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  /** The key seen longest ago first. */
  readonly #buckets = new Map<string, Bucket>();

  constructor({ perMinute, clock }: MemoryRateCounterOptions) {
    this.#perMinute = perMinute;
    this.#clock = clock;
  }

  async take(key: string): Promise<number> {
    if (this.#perMinute === 0) return 0;
    const tokens = this.#tokensOf(key);
    if (tokens < 1) return Math.ceil(((1 - tokens) * MINUTE_MS) / this.#perMinute);
    this.#keep(key, tokens - 1);
    return 0;
  }

  async giveBack(key: string): Promise<void> {
    if (this.#perMinute > 0) this.#keep(key, Math.min(this.#perMinute, this.#tokensOf(key) + 1));
  }

  #tokensOf(key: string): number {
    const bucket = this.#buckets.get(key);
    if (!bucket) return this.#perMinute;
    const gained = ((this.#clock.monotonicMs() - bucket.atMs) * this.#perMinute) / MINUTE_MS;
    return Math.min(this.#perMinute, bucket.tokens + gained);
  }

  #keep(key: string, tokens: number): void {
    this.#buckets.delete(key);
    this.#buckets.set(key, { tokens, atMs: this.#clock.monotonicMs() });
    const [longestAgo] = this.#buckets.keys();
    if (this.#buckets.size > limits.admission.maxRatedPlayers && longestAgo !== undefined)
      this.#buckets.delete(longestAgo);
  }
}
