import { afterAll, beforeAll } from '@jest/globals';
import { Pool } from 'pg';
import { type FreshDatabase, freshDatabase } from '../../testing/fresh-database.ts';
import { describeViewStore } from '../../testing/view-store-contract.ts';
import { migratePostgres } from './migrate.ts';
import { openPostgresViewStore } from './postgres-view-store.ts';

let database: FreshDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await freshDatabase();
  await migratePostgres(database);
  pool = new Pool({ connectionString: database.connectionString, max: 10 });
  // A connection may still be closing when its database is dropped under it.
  pool.on('error', () => undefined);
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

/** An empty place, quicker than a new database: every view's table and checkpoint away. */
async function emptyViews(): Promise<void> {
  const { rows } = await pool.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
     where schemaname = 'turnledger_views' and tablename <> 'checkpoint'`,
  );
  for (const { name } of rows) await pool.query(`drop table ${name}`);
  await pool.query('truncate turnledger_views.checkpoint');
}

describeViewStore('PostgreSQL', async () => {
  await emptyViews();
  return { open: async () => openPostgresViewStore({ pool }), close: async () => undefined };
});
