/**
 * Texts that cost time to make again, shared by all processes. A hint, never the truth: any entry may be missing, old or damaged, so whoever
 * reads one checks it. Nothing personal is put here in the clear.
 */
export interface Cache {
  /** The text last kept under a name, or undefined; also when the cache does not say. Never throws. */
  get(name: string): Promise<string | undefined>;
  /** Keeps a text for some time, in the place of an older one; one over limits.cache.maxEntryBytes is left out. Never throws. */
  put(name: string, text: string): Promise<void>;
  /** Drops an entry; false when the cache did not say so, and the entry may live until its time is over. Never throws. */
  forget(name: string): Promise<boolean>;
}
