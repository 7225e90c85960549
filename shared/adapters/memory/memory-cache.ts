import { LRUCache } from 'lru-cache';
import { limits } from '../../contracts/index.ts';
import type { Cache, Clock } from '../../ports/index.ts';

/** Entries of one process: at most limits.cache.maxBytes of text, each for limits.cache.keepMs; the one unread longest goes first. */
export class MemoryCache implements Cache {
  readonly #entries: LRUCache<string, string>;

  constructor({ clock }: { readonly clock: Pick<Clock, 'monotonicMs'> }) {
    this.#entries = new LRUCache({
      maxSize: limits.cache.maxBytes,
      sizeCalculation: (text) => Buffer.byteLength(text) + 1,
      ttl: limits.cache.keepMs,
      ttlResolution: 0,
      // Zero is how lru-cache says that an entry has no time at all.
      perf: { now: () => clock.monotonicMs() + 1 },
    });
  }

  async get(name: string): Promise<string | undefined> {
    return this.#entries.get(name);
  }

  async put(name: string, text: string): Promise<void> {
    if (Buffer.byteLength(text) <= limits.cache.maxEntryBytes) this.#entries.set(name, text);
  }

  async forget(name: string): Promise<boolean> {
    this.#entries.delete(name);
    return true;
  }
}
