import { afterAll, beforeAll } from '@jest/globals';
import { Pool } from 'pg';
import { describeCheckpoints } from '../../testing/checkpoints-contract.ts';
import { type FreshDatabase, freshDatabase } from '../../testing/fresh-database.ts';
import { migratePostgres } from './migrate.ts';
import { openPostgresCheckpoints } from './postgres-checkpoints.ts';

let database: FreshDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await freshDatabase();
  await migratePostgres(database);
  pool = new Pool({ connectionString: database.connectionString, max: 4 });
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

describeCheckpoints('PostgreSQL', () => openPostgresCheckpoints({ pool }));
