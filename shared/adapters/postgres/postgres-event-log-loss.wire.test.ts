import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { DatabaseProxy } from '../../testing/database-proxy.ts';
import { encodedEvent, encodedEvents, freshStream } from '../../testing/encoded-events.ts';
import { follow } from '../../testing/event-log-following.ts';
import { type FreshDatabase, freshDatabase } from '../../testing/fresh-database.ts';
import { systemClock } from '../system/index.ts';
import { migratePostgres } from './migrate.ts';
import { PostgresEventLog } from './postgres-event-log.ts';

let database: FreshDatabase;
let admin: Client;
let proxy: DatabaseProxy;
let log: PostgresEventLog;
let stream: string;
const events = encodedEvents(3);

beforeAll(async () => {
  database = await freshDatabase();
  await migratePostgres(database);
  admin = new Client(database);
  await admin.connect();
  proxy = await DatabaseProxy.before(database.connectionString);
});
beforeEach(async () => {
  await admin.query('truncate turnledger.events; update turnledger.log_head set position = 0');
  log = new PostgresEventLog({ connection: proxy.connection, clock: systemClock });
  stream = freshStream();
  await log.append(freshStream(), 'no_stream', [encodedEvent()]); // connects
});
afterEach(() => log.close());
afterAll(async () => {
  await proxy.close();
  await admin.end();
  await database.drop();
});

/** Keeps the head's lock until the returned function is called, so that appends stop in the middle. */
async function holdHead(): Promise<() => Promise<void>> {
  const holder = new Client(database);
  await holder.connect();
  await holder.query('begin; select from turnledger.log_head for update');
  return () => holder.end();
}

/** The backends of so many writers that wait for the head, asked for until there are as many. */
async function waitingWriters(count: number): Promise<readonly number[]> {
  for (;;) {
    const { rows } = await admin.query<{ pid: number }>(
      `select pid from pg_stat_activity
        where datname = current_database() and application_name = 'turnledger-log-writer' and wait_event_type = 'Lock'`,
    );
    if (rows.length === count) return rows.map(({ pid }) => pid);
    await admin.query('select pg_sleep(0.001)');
  }
}

/** The retry says ok at the first revision, and each event is there once. */
async function retrySettles(): Promise<void> {
  expect(await log.append(stream, 'no_stream', events)).toEqual({ outcome: 'ok', revision: 2 });
  expect(await log.readStream(stream)).toMatchObject(events);
  expect(await log.headPosition()).toBe(4n);
}

test('an answer that is lost: unknown, and the retry finds what was written', async () => {
  const swallowed = proxy.breakBy('swallow');
  const outcome = log.append(stream, 'no_stream', events);
  await swallowed;
  proxy.cut();
  expect(await outcome).toMatchObject({ outcome: 'unknown' });
  await retrySettles();
});

test('a request that is lost: unknown, and the retry writes', async () => {
  const withheld = proxy.breakBy('withhold');
  const outcome = log.append(stream, 'no_stream', events);
  await withheld;
  proxy.cut();
  expect(await outcome).toMatchObject({ outcome: 'unknown' });
  await retrySettles();
});

test('a backend killed in the middle: unknown, and the retry writes', async () => {
  const release = await holdHead();
  const outcome = log.append(stream, 'no_stream', events);
  await admin.query('select pg_terminate_backend(pid) from unnest($1::int[]) as pid', [await waitingWriters(1)]);
  expect(await outcome).toMatchObject({ outcome: 'unknown', cause: expect.stringContaining('57P01') });
  await release();
  await retrySettles();
});

test('a lost append that is still under way: the retry waits for it and finds what it wrote', async () => {
  const release = await holdHead();
  const lost = log.append(stream, 'no_stream', events);
  await waitingWriters(1);
  proxy.cut();
  expect(await lost).toMatchObject({ outcome: 'unknown' });
  const retry = log.append(stream, 'no_stream', events);
  await waitingWriters(2);
  await release();
  expect(await retry).toEqual({ outcome: 'ok', revision: 2 });
  await retrySettles();
});

test('all members of a lost group are unknown, and all can be settled', async () => {
  const streams = Array.from({ length: 20 }, freshStream);
  const appends = streams.map((name) => [name, 'no_stream', [encodedEvent()]] as const);
  const swallowed = proxy.breakBy('swallow');
  const outcomes = Promise.all(appends.map((append) => log.append(...append)));
  await swallowed;
  proxy.cut();
  expect((await outcomes).map(({ outcome }) => outcome)).toEqual(appends.map(() => 'unknown'));
  const settled = await Promise.all(appends.map((append) => log.append(...append)));
  expect(settled).toEqual(appends.map(() => ({ outcome: 'ok', revision: 0 })));
  expect(await log.headPosition()).toBe(21n);
});

test('a server that does not answer: unknown after 5 s, and the next append has a new connection', async () => {
  const withheld = proxy.breakBy('withhold');
  const outcome = log.append(stream, 'no_stream', events);
  await withheld;
  expect(await outcome).toMatchObject({
    outcome: 'unknown',
    cause: expect.stringContaining('no answer within 5000 ms'),
  });
  proxy.cut();
  await retrySettles();
});

test('a database that is down: unknown, not sent, and store_unavailable; it recovers by itself', async () => {
  await proxy.close();
  expect(await log.append(stream, 'no_stream', events)).toMatchObject({ outcome: 'unknown' }); // its connection was just cut
  expect(await log.append(stream, 'no_stream', events)).toMatchObject({
    outcome: 'unknown',
    cause: expect.stringMatching(/^not sent: ECONNREFUSED/),
  });
  await expect(log.readStream(stream)).rejects.toMatchObject({ code: 'store_unavailable' });
  await expect(log.readHead(stream)).rejects.toMatchObject({ code: 'store_unavailable' });
  await expect(log.headPosition()).rejects.toMatchObject({ code: 'store_unavailable' });
  await proxy.open();
  await retrySettles();
});

test('a subscription outlives lost connections without skipping or repeating', async () => {
  const direct = new PostgresEventLog({ connection: database, clock: systemClock });
  const following = follow(log);
  for (let round = 1; round <= 5; round += 1) {
    await direct.append(freshStream(), 'no_stream', encodedEvents(20));
    await following.events.until(round * 20);
    if (round === 3) await proxy.close().then(() => proxy.open());
    else proxy.cut();
  }
  await direct.append(freshStream(), 'no_stream', encodedEvents(20));
  const positions = (await following.events.until(121)).map(({ position }) => position);
  expect(positions).toEqual(positions.map((_, index) => BigInt(index + 1)));
  await following.stop();
  await direct.close();
});
