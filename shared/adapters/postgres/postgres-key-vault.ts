import type { Pool } from 'pg';
import { limits, TurnledgerError } from '../../contracts/index.ts';
import type { Clock, DataKey, Ids, KeyVault, PlayerIdentity } from '../../ports/index.ts';
import { keyedHash } from '../../trust/index.ts';
import { vaultCache } from './vault-cache.ts';
import { groupByKey } from './vault-group.ts';
import { checkMasterKey } from './vault-master-key.ts';
import { insertKeys, insertPlayers, type PlayerRow, selectKeys, selectPlayers } from './vault-statements.ts';

const { keyCacheMs, maxCachedKeys, playerCacheMs, maxCachedPlayers } = limits.vault;
const group = { maxPerGroup: limits.vault.maxRequestsPerGroup, maxQueued: limits.vault.maxQueuedRequests };

const KEY_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export interface PostgresKeyVaultOptions {
  /** Stays the caller's; the migrations must have run. */
  readonly pool: Pool;
  /** 32 bytes. */
  readonly masterKey: Buffer;
  readonly ids: Ids;
  readonly clock: Clock;
}

const identityOf = ({ player_id, key_id }: PlayerRow): PlayerIdentity => ({ playerId: player_id, keyId: key_id });
const identities = (rows: readonly PlayerRow[]) => new Map(rows.map((row) => [row.outside_hash, identityOf(row)]));

/**
 * The key vault in PostgreSQL, schema `turnledger_vault`. Unwrapped keys live at most 5 s in this process and players' identities 60 s,
 * each at most 10,000; concurrent requests share statements (see groupByKey) and each answer is bounded by 5 s. A call that throws
 * `store_unavailable` may have had its effect; calling it again is safe. Throws `config_invalid` for a master key of another length,
 * `key_mismatch` when the vault was begun under another master key.
 */
export async function openPostgresKeyVault({
  pool,
  masterKey,
  ids,
  clock,
}: PostgresKeyVaultOptions): Promise<KeyVault> {
  const { newKey, unwrap } = await checkMasterKey(pool, masterKey, ids);
  const keys = vaultCache<DataKey>({ maxEntries: maxCachedKeys, maxAgeMs: keyCacheMs }, clock);
  const players = vaultCache<PlayerIdentity>({ maxEntries: maxCachedPlayers, maxAgeMs: playerCacheMs }, clock);
  let closed = false;

  const loadKey = groupByKey<DataKey | 'mismatch'>({
    ...group,
    run: async (keyIds) => {
      const askedAt = keys.moment();
      const loaded = new Map<string, DataKey | 'mismatch'>();
      for (const { key_id: keyId, wrapped } of await selectKeys(pool, keyIds)) {
        const key = wrapped === null ? undefined : unwrap(keyId, wrapped);
        const found: DataKey | 'mismatch' =
          wrapped === null ? { outcome: 'erased', keyId } : key ? { outcome: 'ok', keyId, key } : 'mismatch';
        if (found !== 'mismatch') keys.keep(keyId, found, askedAt);
        loaded.set(keyId, found);
      }
      return loaded;
    },
  });

  const makeKey = groupByKey<true>({
    ...group,
    run: async (keyIds) => {
      const askedAt = keys.moment();
      const made = new Map(keyIds.map((keyId) => [keyId, newKey(keyId)]));
      for (const { key_id: keyId } of await insertKeys(pool, [...made.values()])) {
        // Whoever makes a key is about to use it.
        const key = made.get(keyId)?.key;
        if (key) keys.keep(keyId, { outcome: 'ok', keyId, key }, askedAt);
      }
      return new Map(keyIds.map((keyId) => [keyId, true]));
    },
  });

  const loadPlayer = groupByKey<PlayerIdentity>({
    ...group,
    run: async (hashes) => identities(await selectPlayers(pool, hashes)),
  });

  const makePlayer = groupByKey<PlayerIdentity>({
    ...group,
    run: async (hashes) => {
      const wanted = hashes.map((outsideHash) => ({ outsideHash, playerId: ids.uuid(), ...newKey(ids.uuid()) }));
      const made = identities(await insertPlayers(pool, wanted));
      const lost = hashes.filter((hash) => !made.has(hash));
      return lost.length === 0 ? made : new Map([...made, ...identities(await selectPlayers(pool, lost))]);
    },
  });

  const refuseWhenClosed = () => {
    if (closed) throw new TurnledgerError('store_unavailable', { detail: 'the key vault is closed' });
  };

  const identityUnder = async (outsideId: string, load: (hash: string) => Promise<PlayerIdentity | undefined>) => {
    refuseWhenClosed();
    const hash = keyedHash(masterKey, 'outside-id', outsideId);
    const cached = players.get(hash);
    if (cached) return cached;
    const askedAt = players.moment();
    const identity = await load(hash);
    if (identity) players.keep(hash, identity, askedAt);
    return identity;
  };

  return {
    identifyPlayer: async (outsideId) => {
      const identity = await identityUnder(outsideId, async (hash) => (await loadPlayer(hash)) ?? makePlayer(hash));
      // Made by another process and erased again between our two statements: the next call makes the player anew.
      if (!identity) throw new TurnledgerError('store_unavailable');
      return identity;
    },

    findPlayer: (outsideId) => identityUnder(outsideId, loadPlayer),

    ensureKey: async (keyId) => {
      refuseWhenClosed();
      if (!KEY_ID.test(keyId)) throw new TurnledgerError('invariant_broken', { detail: 'a key id must be a UUID' });
      if (!keys.get(keyId)) await makeKey(keyId);
    },

    dataKey: async (keyId) => {
      refuseWhenClosed();
      const found = keys.get(keyId) ?? (KEY_ID.test(keyId) ? await loadKey(keyId) : undefined);
      if (!found) throw new TurnledgerError('key_unknown');
      if (found === 'mismatch') throw new TurnledgerError('key_mismatch');
      return found;
    },

    close: async () => {
      closed = true;
      keys.clear();
      players.clear();
    },
  };
}
