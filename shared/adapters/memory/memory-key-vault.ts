import { TurnledgerError } from '../../contracts/index.ts';
import type { Ids, KeyVault, PlayerIdentity } from '../../ports/index.ts';

const KEY_BYTES = 32;
const KEY_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What a memory vault holds; kept apart from it, so that a simulated process can end and another go on with the same keys. */
export interface VaultRecords {
  /** By outside id. */
  readonly players: Map<string, PlayerIdentity>;
  /** By key id; null where the key was destroyed. */
  readonly keys: Map<string, Buffer | null>;
}

export const emptyVaultRecords = (): VaultRecords => ({ players: new Map(), keys: new Map() });

/**
 * The key vault in this process, without a master key: what is never written down needs no wrapping. Keys and identities are lost with
 * the records; a destroyed key is erased at once.
 */
export function openMemoryKeyVault({ ids, records }: { readonly ids: Ids; readonly records: VaultRecords }): KeyVault {
  const { players, keys } = records;
  let closed = false;

  const refuseWhenClosed = () => {
    if (closed) throw new TurnledgerError('store_unavailable', { detail: 'the key vault is closed' });
  };

  return {
    identifyPlayer: async (outsideId) => {
      refuseWhenClosed();
      const known = players.get(outsideId);
      if (known) return known;
      const identity = { playerId: ids.uuid(), keyId: ids.uuid() };
      keys.set(identity.keyId, ids.randomBytes(KEY_BYTES));
      players.set(outsideId, identity);
      return identity;
    },

    findPlayer: async (outsideId) => {
      refuseWhenClosed();
      return players.get(outsideId);
    },

    ensureKey: async (keyId) => {
      refuseWhenClosed();
      if (!KEY_ID.test(keyId)) throw new TurnledgerError('invariant_broken', { detail: 'a key id must be a UUID' });
      if (!keys.has(keyId)) keys.set(keyId, ids.randomBytes(KEY_BYTES));
    },

    dataKey: async (keyId) => {
      refuseWhenClosed();
      const key = keys.get(keyId);
      if (key === undefined) throw new TurnledgerError('key_unknown');
      return key === null ? { outcome: 'erased', keyId } : { outcome: 'ok', keyId, key };
    },

    close: async () => {
      closed = true;
    },
  };
}
