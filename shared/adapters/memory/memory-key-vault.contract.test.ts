import { describeKeyVault } from '../../testing/key-vault-contract.ts';
import { systemIds } from '../system/index.ts';
import { emptyVaultRecords, openMemoryKeyVault } from './memory-key-vault.ts';

describeKeyVault('memory', async () => {
  const records = emptyVaultRecords();
  return {
    open: async () => openMemoryKeyVault({ ids: systemIds, records }),
    destroyKey: async (keyId) => void records.keys.set(keyId, null),
    close: async () => undefined,
  };
});
