import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { Pool } from 'pg';
import { type FreshDatabase, freshDatabase } from '../../testing/fresh-database.ts';
import { systemClock as clock, systemIds as ids } from '../system/index.ts';
import { openPostgres, type PostgresStores } from './open-postgres.ts';

const masterKey = Buffer.alloc(32, 7);

let database: FreshDatabase;
const opened: PostgresStores[] = [];

beforeAll(async () => {
  database = await freshDatabase();
});
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});
afterAll(() => database.drop());

async function open(url = database.connectionString, key = masterKey): Promise<PostgresStores> {
  const stores = await openPostgres({ url, masterKey: key, clock, ids, report: () => {} });
  opened.push(stores);
  return stores;
}

/** The same database by another user, or with another path. */
const urlWith = (changes: { readonly user?: string; readonly path?: string }): string => {
  const [, user, host, path] = /^postgres(?:ql)?:\/\/([^@/]*)@([^/]*)\/([^?]*)/.exec(database.connectionString) ?? [];
  return `postgres://${changes.user ?? user}@${host}/${changes.path ?? path}`;
};

describe('openPostgres', () => {
  test('of four at once on an empty database, each gets everything', async () => {
    const stores = await Promise.all([open(), open(), open(), open()]);
    for (const { probe } of stores) await probe();
    await stores[0]?.checkpoints.move('relay', { from: 0n, to: 5n });
    expect(await stores[3]?.checkpoints.position('relay')).toBe(5n);
  });

  test('parks an event once, however often it is told', async () => {
    const { parked } = await open();
    const event = { stream: 'session-1', revision: 3, type: 'TurnTeleported', position: 9n };
    const one = { loop: 'relay', event, code: 'event_unknown' };
    await parked.park([one, { ...one, loop: 'read-models' }]);
    await parked.park([one]);
    await parked.park([]);
    const pool = new Pool({ connectionString: database.connectionString, max: 1 });
    const { rows } = await pool.query(
      'select loop, stream, revision, position, type, code from turnledger.parked_event order by loop',
    );
    await pool.end();
    const row = { stream: 'session-1', revision: 3, position: '9', type: 'TurnTeleported', code: 'event_unknown' };
    expect(rows).toEqual([
      { loop: 'read-models', ...row },
      { loop: 'relay', ...row },
    ]);
  });

  test.each([
    ['a database that is not there', { path: 'nowhere' }, /^DATABASE_URL: 3D000/],
    ['a user who is not known', { user: 'nobody' }, /^DATABASE_URL: 28/],
  ])('%s is a mistake that waiting does not mend', async (_what, changes, detail) => {
    const error = await open(urlWith(changes)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'config_invalid', extras: { detail: expect.stringMatching(detail) } });
  });

  test('a URL that is none is a mistake too', async () => {
    await expect(open('postgres://[nowhere')).rejects.toMatchObject({ code: 'config_invalid' });
  });

  test('a server that is not there yet is waited for by whoever asks', async () => {
    await expect(open('postgres://127.0.0.1:1/turnledger')).rejects.toMatchObject({ code: 'store_unavailable' });
  });

  test('another master key than the vault was begun with is refused, and leaves no connection', async () => {
    await open();
    await expect(open(undefined, Buffer.alloc(32, 8))).rejects.toMatchObject({ code: 'key_mismatch' });
  });
});
