import { createHash } from 'node:crypto';
import type { RateCounter } from '../../ports/index.ts';
import type { RedisStore } from './open-redis.ts';

const MINUTE_MS = 60_000;

/**
 * A token bucket in one step, on the server's clock, so that all processes count on the same one. ARGV: turns a minute, and -1 to take or
 * 1 to give back; answers the milliseconds to wait, 0 when it was done. A bucket left alone for a minute is full, and is not kept.
 */
const changeBucket = `
local perMinute = tonumber(ARGV[1])
local change = tonumber(ARGV[2])
local time = redis.call('TIME')
local nowMs = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local kept = redis.call('HMGET', KEYS[1], 'tokens', 'atMs')
local tokens = perMinute
if kept[1] then
  tokens = math.min(perMinute, tonumber(kept[1]) + math.max(0, nowMs - tonumber(kept[2])) * perMinute / ${MINUTE_MS})
end
if tokens + change < 0 then return math.ceil((1 - tokens) * ${MINUTE_MS} / perMinute) end
redis.call('HSET', KEYS[1], 'tokens', tostring(math.min(perMinute, tokens + change)), 'atMs', tostring(nowMs))
redis.call('PEXPIRE', KEYS[1], ${MINUTE_MS})
return 0`;

export interface RedisRateCounterOptions {
  readonly redis: RedisStore;
  /** 0: no bound. */
  readonly perMinute: number;
  /** This process's own count, with the same bound; decides alone while Redis does not answer. */
  readonly own: RateCounter;
}

/**
 * The count of all processes together. Each also keeps its own: what that refuses needs no question, and while Redis is away, silent or has
 * been emptied it is what holds, so that n processes let at most n times the bound through. That costs accuracy, never a turn.
 *
 * A key is kept as its SHA-256 alone. A question takes limits.redis.commandTimeoutMs at most.
 */
export class RedisRateCounter implements RateCounter {
  readonly #redis: RedisStore;
  readonly #perMinute: number;
  readonly #own: RateCounter;

  constructor({ redis, perMinute, own }: RedisRateCounterOptions) {
    this.#redis = redis;
    this.#perMinute = perMinute;
    this.#own = own;
  }

  async take(key: string): Promise<number> {
    if (this.#perMinute === 0) return 0;
    const ownWaitMs = await this.#own.take(key);
    if (ownWaitMs > 0) return ownWaitMs;
    const waitMs = await this.#change(key, -1);
    if (waitMs > 0) await this.#own.giveBack(key);
    return waitMs;
  }

  async giveBack(key: string): Promise<void> {
    if (this.#perMinute === 0) return;
    await this.#own.giveBack(key);
    await this.#change(key, 1);
  }

  /** 0 also where Redis does not say. */
  async #change(key: string, change: -1 | 1): Promise<number> {
    const { commands, prefix } = this.#redis;
    const hashed = createHash('sha256').update(key).digest('base64url');
    try {
      const waitMs = await commands.eval(changeBucket, 1, `${prefix}rate:${hashed}`, this.#perMinute, change);
      return typeof waitMs === 'number' ? waitMs : 0;
    } catch {
      return 0;
    }
  }
}
