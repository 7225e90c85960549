import { limits } from '@turnledger/shared/contracts';
import type { Clock } from '@turnledger/shared/ports';

const MINUTE_MS = 60_000;

interface Bucket {
  readonly tokens: number;
  readonly atMs: number;
}

/**
 * How fast players may ask for turns: a token bucket each, of a minute's turns, filled evenly. One process's own count; forgets the players
 * it has not seen longest beyond limits.admission.maxRatedPlayers, who then start with a full bucket.
 *
 * Why not rate-limiter-flexible: its store in memory keeps a timer for each key, has no bound, and reads the machine's clock.
 */
export class TurnRate {
  readonly #perMinute: number;
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  /** The player seen longest ago first. */
  readonly #buckets = new Map<string, Bucket>();

  /** `perMinute` 0: no bound. */
  constructor(perMinute: number, clock: Pick<Clock, 'monotonicMs'>) {
    this.#perMinute = perMinute;
    this.#clock = clock;
  }

  /** Takes a turn out of a player's bucket; 0 when there was one, else the milliseconds until there is. */
  take(playerId: string): number {
    if (this.#perMinute === 0) return 0;
    const tokens = this.#tokensOf(playerId);
    if (tokens < 1) return Math.ceil(((1 - tokens) * MINUTE_MS) / this.#perMinute);
    this.#keep(playerId, tokens - 1);
    return 0;
  }

  /** Puts a turn back that was taken and not played. */
  giveBack(playerId: string): void {
    if (this.#perMinute > 0) this.#keep(playerId, Math.min(this.#perMinute, this.#tokensOf(playerId) + 1));
  }

  #tokensOf(playerId: string): number {
    const bucket = this.#buckets.get(playerId);
    if (!bucket) return this.#perMinute;
    const gained = ((this.#clock.monotonicMs() - bucket.atMs) * this.#perMinute) / MINUTE_MS;
    return Math.min(this.#perMinute, bucket.tokens + gained);
  }

  #keep(playerId: string, tokens: number): void {
    this.#buckets.delete(playerId);
    this.#buckets.set(playerId, { tokens, atMs: this.#clock.monotonicMs() });
    const [longestAgo] = this.#buckets.keys();
    if (this.#buckets.size > limits.admission.maxRatedPlayers && longestAgo !== undefined)
      this.#buckets.delete(longestAgo);
  }
}
