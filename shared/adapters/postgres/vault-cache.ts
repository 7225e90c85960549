import { LRUCache } from 'lru-cache';
import type { Clock } from '../../ports/index.ts';

/** A bounded cache whose entries age from the moment their question was asked, not from when the answer came. */
export interface VaultCache<Value extends object> {
  /** The moment to hand to `keep`; take it before asking the store. */
  moment(): number;
  keep(key: string, value: Value, askedAt: number): void;
  get(key: string): Value | undefined;
  clear(): void;
}

export function vaultCache<Value extends object>(
  { maxEntries, maxAgeMs }: { readonly maxEntries: number; readonly maxAgeMs: number },
  clock: Clock,
): VaultCache<Value> {
  // lru-cache takes a start of 0 for "no age", and a clock may stand at 0.
  const moment = () => clock.monotonicMs() + 1;
  // Resolution 0: the clock is asked each time, and the cache needs no timer.
  const entries = new LRUCache<string, Value>({
    max: maxEntries,
    ttl: maxAgeMs,
    ttlResolution: 0,
    perf: { now: moment },
  });
  return {
    moment,
    keep: (key, value, askedAt) => void entries.set(key, value, { start: askedAt }),
    get: (key) => entries.get(key),
    clear: () => entries.clear(),
  };
}
