import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { encodedEvent, encodedEvents, freshStream } from '../../testing/encoded-events.ts';
import { follow } from '../../testing/event-log-following.ts';
import { type FreshDatabase, freshDatabase } from '../../testing/fresh-database.ts';
import { systemClock } from '../system/index.ts';
import { migratePostgres } from './migrate.ts';
import { PostgresEventLog } from './postgres-event-log.ts';

let database: FreshDatabase;
let admin: Client;
let one: PostgresEventLog;
let other: PostgresEventLog;

beforeAll(async () => {
  database = await freshDatabase();
  await migratePostgres(database);
  admin = new Client(database);
  await admin.connect();
});
beforeEach(async () => {
  await admin.query('truncate turnledger.events; update turnledger.log_head set position = 0');
  one = new PostgresEventLog({ connection: database, clock: systemClock });
  other = new PostgresEventLog({ connection: database, clock: systemClock });
});
afterEach(async () => {
  await one.close();
  await other.close();
});
afterAll(async () => {
  await admin.end();
  await database.drop();
});

test('two logs on one database: both see one order without gaps, live', async () => {
  const followings = [follow(one), follow(other)];
  await Promise.all(followings.map(({ caughtUps }) => caughtUps.until(1)));
  await Promise.all(
    Array.from({ length: 100 }, (_, index) =>
      (index % 2 ? one : other).append(freshStream(), 'no_stream', encodedEvents(1 + (index % 3))),
    ),
  );
  const [seen, alsoSeen] = await Promise.all(followings.map(({ events }) => events.until(199)));
  expect(seen?.map(({ position }) => position)).toEqual(Array.from({ length: 199 }, (_, index) => BigInt(index + 1)));
  expect(alsoSeen).toEqual(seen);
  await Promise.all(followings.map((following) => following.stop()));
});

test('two logs that write one stream: each revision is won once, and each loser learns where the stream stands', async () => {
  const stream = freshStream();
  await one.append(stream, 'no_stream', [encodedEvent()]);
  for (let revision = 0; revision < 30; revision += 1) {
    const outcomes = await Promise.all([one, other].map((log) => log.append(stream, revision, [encodedEvent()])));
    expect(outcomes).toContainEqual({ outcome: 'ok', revision: revision + 1 });
    expect(outcomes).toContainEqual({ outcome: 'conflict', actualRevision: revision + 1 });
  }
});

test('an append of another process wakes a subscriber by notification, sooner than the next poll', async () => {
  const following = follow(one);
  await following.caughtUps.until(1);
  const listening =
    "select from pg_stat_activity where application_name = 'turnledger-log-watch' and datname = current_database()";
  while ((await admin.query(listening)).rowCount === 0) await admin.query('select pg_sleep(0.001)');
  const startMs = performance.now();
  for (let count = 1; count <= 20; count += 1) {
    await other.append(freshStream(), 'no_stream', [encodedEvent()]);
    await following.events.until(count);
  }
  expect(performance.now() - startMs).toBeLessThan(5_000); // 20 polls of 500 ms would take 10 s, or 5 s on average
  await following.stop();
});

test('a text that PostgreSQL refuses is rejected, and its neighbours in the group go through', async () => {
  await admin.query("alter table turnledger.events add constraint no_poison check (type <> 'poison')");
  const streams = Array.from({ length: 7 }, freshStream);
  const outcomes = await Promise.all(
    streams.map((stream, index) =>
      one.append(stream, 'no_stream', [encodedEvent(index === 3 ? { type: 'poison' } : {})]),
    ),
  );
  await admin.query('alter table turnledger.events drop constraint no_poison');
  const wanted = streams.map((_, index) =>
    index === 3 ? { outcome: 'rejected', reason: 'malformed' } : { outcome: 'ok', revision: 0 },
  );
  expect(outcomes).toEqual(wanted);
  expect(await one.headPosition()).toBe(6n);
});

test('appends of one moment share a transaction', async () => {
  await Promise.all(Array.from({ length: 100 }, () => one.append(freshStream(), 'no_stream', [encodedEvent()])));
  const { rows } = await admin.query('select count(distinct xmin::text)::int as transactions from turnledger.events');
  expect(rows).toEqual([{ transactions: 1 }]);
});

test('an append is fsynced whatever the server says by default', async () => {
  await admin.query(`alter database ${database.name} set synchronous_commit = off`);
  const watch = `create function turnledger.tell() returns trigger language plpgsql as
    $$ begin new.type := current_setting('synchronous_commit'); return new; end $$;
    create trigger tell before insert on turnledger.events for each row execute function turnledger.tell()`;
  await admin.query(watch);
  const stream = freshStream();
  await one.append(stream, 'no_stream', [encodedEvent()]);
  await admin.query('drop function turnledger.tell cascade');
  await admin.query(`alter database ${database.name} reset synchronous_commit`);
  expect(await one.readHead(stream)).toMatchObject({ type: 'on' });
});

test('a database without the schema: unknown and store_unavailable', async () => {
  const empty = await freshDatabase();
  const log = new PostgresEventLog({ connection: empty, clock: systemClock });
  expect(await log.append(freshStream(), 'no_stream', [encodedEvent()])).toMatchObject({
    outcome: 'unknown',
    cause: expect.stringContaining('42P01'),
  });
  await expect(log.headPosition()).rejects.toMatchObject({ code: 'store_unavailable' });
  await log.close();
  await empty.drop();
});

test('close leaves no connection', async () => {
  const following = follow(one);
  await following.caughtUps.until(1);
  await one.append(freshStream(), 'no_stream', [encodedEvent()]);
  await one.close();
  await following.stop();
  const connected =
    "select from pg_stat_activity where application_name like 'turnledger-log-%' and datname = current_database()";
  while ((await admin.query(connected)).rowCount !== 0) await admin.query('select pg_sleep(0.001)');
});
