import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Pool } from 'pg';
import { type FreshDatabase, freshDatabase } from '../../testing/fresh-database.ts';
import { listParkedEvents } from './list-parked-events.ts';
import { migratePostgres } from './migrate.ts';
import { openPostgresParkedEvents } from './postgres-parked-events.ts';

let database: FreshDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await freshDatabase();
  await migratePostgres({ connectionString: database.connectionString });
  pool = new Pool({ connectionString: database.connectionString, max: 1 });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const parkedAt = async (revision: number): Promise<void> => {
  const event = { stream: 'session-1', revision, type: 'TurnRenamed', position: 2n ** 62n };
  await openPostgresParkedEvents({ pool }).park([{ loop: 'relay', event, code: 'event_unknown' }]);
};

describe('the list of parked events', () => {
  test('is empty where nothing is', async () => {
    expect(await listParkedEvents(pool, 10)).toEqual({ total: 0, newest: [] });
  });

  test('has the newest first, with their exact positions, and says how many there are', async () => {
    for (const revision of [1, 2, 3]) await parkedAt(revision);
    const { total, newest } = await listParkedEvents(pool, 2);
    expect(total).toBe(3);
    expect(newest.map(({ revision }) => revision)).toEqual([3, 2]);
    expect(newest[0]).toEqual({
      loop: 'relay',
      stream: 'session-1',
      revision: 3,
      position: 2n ** 62n,
      type: 'TurnRenamed',
      code: 'event_unknown',
      parkedAt: expect.any(Date),
    });
  });

  test('of a database that is not there is store_unavailable', async () => {
    const nowhere = new Pool({ connectionString: 'postgres://127.0.0.1:1/turnledger', max: 1 });
    await expect(listParkedEvents(nowhere, 2)).rejects.toMatchObject({ code: 'store_unavailable' });
    await nowhere.end();
  });
});
