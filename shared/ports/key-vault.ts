/** A 256-bit key by its id. Erased: the key was destroyed and what it sealed is gone for good. */
export type DataKey =
  | { readonly outcome: 'ok'; readonly keyId: string; readonly key: Buffer }
  | { readonly outcome: 'erased'; readonly keyId: string };

export interface PlayerIdentity {
  /** Random, made at first sight: what log, topics and views know the player by. */
  readonly playerId: string;
  readonly keyId: string;
}

/**
 * Data keys and the only place that knows which outside id is which player. Keys are stored wrapped by the master key; an unwrapped one is
 * cached at most 5 s. Throws `store_unavailable` when it cannot answer, `key_mismatch` when the master key is not the one it wrapped with.
 */
export interface KeyVault {
  /** The player of an outside id, made (with a data key) at first sight; durable before it answers; the same for concurrent callers. */
  identifyPlayer(outsideId: string): Promise<PlayerIdentity>;
  /** The player of an outside id, or undefined for one never seen; makes nothing. */
  findPlayer(outsideId: string): Promise<PlayerIdentity | undefined>;
  /** Makes a key under a given id, or keeps the one that is there; durable before it answers. */
  ensureKey(keyId: string): Promise<void>;
  /** The key, or that it is erased. A key id that was never made throws `key_unknown`. */
  dataKey(keyId: string): Promise<DataKey>;
  close(): Promise<void>;
}
