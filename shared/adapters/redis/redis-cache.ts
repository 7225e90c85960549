import { limits } from '../../contracts/index.ts';
import type { Cache } from '../../ports/index.ts';
import type { RedisStore } from './open-redis.ts';

/** The cache on a store that is open. */
export const openRedisCache = (redis: RedisStore): Cache => new RedisCache({ redis });

/**
 * Entries that all processes share, each for limits.cache.keepMs. How many there are is bounded by that time and by Redis's own `maxmemory`,
 * with a policy that evicts; without one a full Redis refuses, which is a miss like any other. Each call takes
 * limits.redis.commandTimeoutMs at most.
 */
export class RedisCache implements Cache {
  readonly #redis: RedisStore;

  constructor({ redis }: { readonly redis: RedisStore }) {
    this.#redis = redis;
  }

  async get(name: string): Promise<string | undefined> {
    const text = await this.#redis.commands.get(this.#key(name)).catch(() => null);
    return text ?? undefined;
  }

  async put(name: string, text: string): Promise<void> {
    if (Buffer.byteLength(text) > limits.cache.maxEntryBytes) return;
    await this.#redis.commands.set(this.#key(name), text, 'PX', limits.cache.keepMs).catch(() => {});
  }

  forget(name: string): Promise<boolean> {
    return this.#redis.commands.unlink(this.#key(name)).then(
      () => true,
      () => false,
    );
  }

  #key(name: string): string {
    return `${this.#redis.prefix}cache:${name}`;
  }
}
