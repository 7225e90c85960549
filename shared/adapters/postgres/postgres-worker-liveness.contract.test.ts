import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Pool } from 'pg';
import { type FreshDatabase, freshDatabase } from '../../testing/fresh-database.ts';
import { describeWorkerLiveness } from '../../testing/worker-liveness-contract.ts';
import { migratePostgres } from './migrate.ts';
import { openPostgresWorkerLiveness } from './postgres-worker-liveness.ts';

let database: FreshDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await freshDatabase();
  await migratePostgres(database);
  pool = new Pool({ connectionString: database.connectionString, max: 2 });
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

describeWorkerLiveness('PostgreSQL', () => openPostgresWorkerLiveness({ pool }));

test('who beats removes those that have not for an hour, and leaves the younger ones', async () => {
  const liveness = openPostgresWorkerLiveness({ pool });
  await Promise.all(['old', 'young'].map((worker) => liveness.beat(worker)));
  await pool.query(
    `update turnledger.worker_liveness set beaten_at = clock_timestamp() - interval '61 minutes' where worker = 'old'`,
  );
  await pool.query(
    `update turnledger.worker_liveness set beaten_at = clock_timestamp() - interval '59 minutes' where worker = 'young'`,
  );
  await liveness.beat('beating');
  const known = [...(await liveness.beats()).keys()];
  expect(known).toEqual(expect.arrayContaining(['young', 'beating']));
  expect(known).not.toContain('old');
});

test('a database that is away is store_unavailable', async () => {
  const nowhere = new Pool({ connectionString: 'postgres://127.0.0.1:1/none', max: 1 });
  const liveness = openPostgresWorkerLiveness({ pool: nowhere });
  await expect(liveness.beat('one')).rejects.toMatchObject({ code: 'store_unavailable' });
  await expect(liveness.beats()).rejects.toMatchObject({ code: 'store_unavailable' });
  await nowhere.end();
});
