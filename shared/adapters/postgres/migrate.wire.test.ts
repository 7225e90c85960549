import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { Client } from 'pg';
import { type FreshDatabase, freshDatabase } from '../../testing/fresh-database.ts';
import { migratePostgres } from './migrate.ts';

let database: FreshDatabase;
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(() => database.drop());

async function rows(sql: string): Promise<readonly unknown[]> {
  const client = new Client(database);
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

test('makes the log of an empty database, with nothing in it', async () => {
  await migratePostgres(database);
  expect(await rows('select position from turnledger.log_head')).toEqual([{ position: '0' }]);
  expect(await rows('select from turnledger.events')).toEqual([]);
});

test('a second time changes nothing', async () => {
  await migratePostgres(database);
  await rows('update turnledger.log_head set position = 7');
  await migratePostgres(database);
  expect(await rows('select position from turnledger.log_head')).toEqual([{ position: '7' }]);
});

test('several at once: one migrates, the others wait', async () => {
  await Promise.all(Array.from({ length: 4 }, () => migratePostgres(database)));
  expect(await rows("select from turnledger.migrations where name = '001_event_log'")).toHaveLength(1);
});

test('prints nothing', async () => {
  const prints = (['log', 'info', 'warn', 'error'] as const).map((level) => jest.spyOn(console, level));
  await migratePostgres(database);
  for (const print of prints) expect(print).not.toHaveBeenCalled();
  jest.restoreAllMocks();
});

test('a database with another history, or that is not there, is store_unavailable', async () => {
  await migratePostgres(database);
  await rows("update turnledger.migrations set name = '000_foreign' where name = '001_event_log'");
  await expect(migratePostgres(database)).rejects.toMatchObject({ code: 'store_unavailable' });
  const absent = { connectionString: database.connectionString.replace(database.name, 'absent') };
  await expect(migratePostgres(absent)).rejects.toMatchObject({ code: 'store_unavailable' });
});
