import type { Pool } from 'pg';
import { TurnledgerError } from '../../contracts/index.ts';
import type { Ids } from '../../ports/index.ts';
import { unwrapKey, wrapKey } from '../../trust/index.ts';
import { masterKeyCheck, type NewKey } from './vault-statements.ts';

const KEY_BYTES = 32;
const WRAP_IV_BYTES = 12;
const CHECKED_VALUE = Buffer.from('turnledger-master-key-check-1');
/** Stands where a data key has its id; being no UUID, no data key can have it. */
const CHECK_ID = 'master-key-check';

/** What a master key does once it is known to be the right one. */
export interface VaultMasterKey {
  /** A fresh data key and what to store of it. */
  newKey(keyId: string): NewKey & { readonly key: Buffer };
  /** The data key, or undefined when the stored text is damaged, another row's or another master key's. */
  unwrap(keyId: string, wrapped: string): Buffer | undefined;
}

/**
 * Holds a master key against the vault: the first one ever used leaves a sealed value there, and each later one must open it. Throws
 * `config_invalid` unless it has 32 bytes, `key_mismatch` when it is not the first one, `store_unavailable`.
 */
export async function checkMasterKey(pool: Pool, masterKey: Buffer, ids: Ids): Promise<VaultMasterKey> {
  if (masterKey.length !== KEY_BYTES) {
    throw new TurnledgerError('config_invalid', { detail: 'the master key must be 32 bytes' });
  }
  const wrap = (keyId: string, key: Buffer) => wrapKey(masterKey, keyId, key, ids.randomBytes(WRAP_IV_BYTES));
  const kept = await masterKeyCheck(pool, wrap(CHECK_ID, CHECKED_VALUE));
  if (kept === undefined || !unwrapKey(masterKey, CHECK_ID, kept)?.equals(CHECKED_VALUE)) {
    throw new TurnledgerError('key_mismatch');
  }
  return {
    newKey: (keyId) => {
      const key = ids.randomBytes(KEY_BYTES);
      return { keyId, key, wrapped: wrap(keyId, key) };
    },
    unwrap: (keyId, wrapped) => unwrapKey(masterKey, keyId, wrapped),
  };
}
