import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type KafkaTurnQueue, openKafkaTurnQueue } from '@turnledger/shared/adapters/kafka';
import { openPostgres, type PostgresStores } from '@turnledger/shared/adapters/postgres';
import { systemClock as clock, systemIds as ids } from '@turnledger/shared/adapters/system';
import { type FreshDatabase, type FreshTopics, freshDatabase, freshTopics } from '@turnledger/shared/testing';
import { programArguments } from '../bench/processes/program.ts';

let database: FreshDatabase;
let stores: PostgresStores;
let topics: FreshTopics;
let queue: KafkaTurnQueue;

beforeAll(async () => {
  database = await freshDatabase();
  const masterKey = Buffer.alloc(32, 7);
  stores = await openPostgres({ url: database.connectionString, masterKey, clock, ids, report: () => {} });
});
afterAll(async () => {
  await stores.close();
  await database.drop();
});
beforeEach(async () => {
  topics = await freshTopics();
  queue = openKafkaTurnQueue({
    connection: { brokers: topics.brokers, clientId: 'turnledger-test' },
    topics: { prefix: topics.prefix, partitions: 1, replicationFactor: 1 },
    clock,
    ids,
    onError: () => {},
    report: () => {},
    onStalled: () => {},
  });
  await queue.opened;
});
afterEach(async () => {
  await queue.close();
  await topics.drop();
});

/** The program as npm starts it, but from source. */
async function parked(flags: readonly string[], changed: { readonly [name: string]: string } = {}) {
  const env = {
    PATH: process.env.PATH,
    DATABASE_URL: database.connectionString,
    KAFKA_BROKERS: topics.brokers.join(),
    TURNLEDGER_TOPIC_PREFIX: topics.prefix,
    ...changed,
  };
  const run = promisify(execFile)(process.execPath, [...programArguments('parked/main'), ...flags], { env });
  return run.then(
    ({ stdout }) => ({ code: 0, stdout, stderr: '' }),
    ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
  );
}

/** A worker meets these messages, and parks them. */
async function meet(values: readonly string[]): Promise<void> {
  const stop = new AbortController();
  const consumed = queue.consume({
    concurrency: 1,
    onRequested: async () => {},
    onEnded: () => {},
    signal: stop.signal,
  });
  await topics.write(
    topics.names.requested,
    values.map((value) => ({ key: 'session-1', value })),
  );
  await topics.read(topics.names.parked, values.length);
  stop.abort();
  await consumed;
}

test('nothing is parked where nothing went wrong', async () => {
  expect(await parked([])).toEqual({ code: 0, stdout: 'Nothing is parked.\n', stderr: '' });
});

test('lists events with the loop that left them out and messages with the place they came from, the newest first', async () => {
  const event = { stream: 'session-1', revision: 4, position: 77n, type: 'TurnRenamed' };
  await stores.parked.park([{ loop: 'read-models', event, code: 'event_unknown' }]);
  await stores.parked.park([{ loop: 'relay', event: { ...event, revision: 5 }, code: 'event_invalid' }]);
  await meet(['no JSON', '{"type":"com.example.order"}']);
  const { code, stdout } = await parked(['--json']);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    events: {
      total: 2,
      newest: [
        { reason: 'event_invalid', loop: 'relay', stream: 'session-1', revision: 5, position: '77' },
        { reason: 'event_unknown', loop: 'read-models', stream: 'session-1', revision: 4, type: 'TurnRenamed' },
      ],
    },
    messages: {
      total: 2,
      newest: [
        { reason: 'unknown_type', from: { partition: 0, offset: '1' }, value: '{"type":"com.example.order"}' },
        { reason: 'not_json', from: { topic: topics.names.requested, offset: '0' }, key: 'session-1', bytes: 7 },
      ],
    },
  });
  const { stdout: shown } = await parked(['--max', '1']);
  expect(shown).toMatch(/^2 events .*; the newest 1:\n.*\n.* event_invalid +relay /);
  expect(shown).toMatch(/^2 messages .*; the newest 1:\n.*\n.* unknown_type /m);
  expect(shown).not.toContain('com.example');
});

test('shows the same again, since it takes nothing away', async () => {
  await meet(['no JSON']);
  const first = await parked(['--json']);
  expect(JSON.parse(first.stdout).messages.total).toBe(1);
  expect(await parked(['--json'])).toEqual(first);
});

test.each([
  [{ TURNLEDGER_TOPIC_PREFIX: 'nobody.' }, 2, /^parked: the brokers have no topic nobody\.turns\.parked/],
  [{ KAFKA_BROKERS: '' }, 2, /^parked: KAFKA_BROKERS must be set$/m],
  [{ DATABASE_URL: 'postgres://127.0.0.1:1/turnledger' }, 1, /^parked: .*ECONNREFUSED/],
  [{ KAFKA_BROKERS: '127.0.0.1:1' }, 1, /^parked: .*ECONNREFUSED/],
])('with %j it ends in a line', async (changed, code, line) => {
  expect(await parked([], changed)).toEqual({ code, stdout: '', stderr: expect.stringMatching(line) });
});
