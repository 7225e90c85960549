import { afterAll, beforeAll } from '@jest/globals';
import { Pool } from 'pg';
import { type FreshDatabase, freshDatabase } from '../../testing/fresh-database.ts';
import { describeKeyVault } from '../../testing/key-vault-contract.ts';
import { systemClock, systemIds } from '../system/index.ts';
import { migratePostgres } from './migrate.ts';
import { openPostgresKeyVault } from './postgres-key-vault.ts';

let database: FreshDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await freshDatabase();
  await migratePostgres(database);
  pool = new Pool({ connectionString: database.connectionString, max: 10 });
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

describeKeyVault('PostgreSQL', async () => {
  await pool.query('truncate turnledger_vault.data_key, turnledger_vault.player, turnledger_vault.master_key_check');
  const masterKey = systemIds.randomBytes(32);
  return {
    open: () => openPostgresKeyVault({ pool, masterKey, ids: systemIds, clock: systemClock }),
    destroyKey: async (keyId) => {
      await pool.query('update turnledger_vault.data_key set wrapped = null, destroyed_at = now() where key_id = $1', [
        keyId,
      ]);
    },
    close: async () => undefined,
  };
});
