import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { ProcessName } from '@turnledger/shared/runtime';
import { type FreshDatabase, freshDatabase } from '@turnledger/shared/testing';
import { type EventStoreTwin, startEventStoreTwin } from '../twins/eventstore/event-store-twin.ts';
import { endServices, type StartedService, startService } from './testing/started-service.ts';

let database: FreshDatabase;
let twin: EventStoreTwin;
let whole: { readonly [name: string]: string };

beforeAll(async () => {
  [database, twin] = await Promise.all([freshDatabase(), startEventStoreTwin()]);
  whole = {
    DATABASE_URL: database.connectionString,
    EVENTSTORE_URL: twin.url,
    REDIS_URL: process.env.TURNLEDGER_TEST_REDIS_URL ?? '',
    KAFKA_BROKERS: process.env.TURNLEDGER_TEST_KAFKA_BROKERS ?? '',
    TURNLEDGER_TOPIC_PREFIX: `one-store-wrong-${randomUUID()}.`,
    TURNLEDGER_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
  };
  // The vault is begun under this key.
  const first = await startService('query-api', whole);
  await untilStuckIs(first, []);
  await first.stop();
});
afterEach(endServices);
afterAll(async () => {
  await twin.close();
  await database.drop();
});

async function readyzOf({ url }: StartedService) {
  const answer = await fetch(`${url}/readyz`);
  const { stuck } = (await answer.json()) as { readonly stuck: readonly { readonly name: string }[] };
  return { status: answer.status, stuck: stuck.map(({ name }) => name) };
}

/** Looks until these stores, and no other, are what it waits for. Loops and queues that stand on them may be named beside them. */
async function untilStuckIs(service: StartedService, names: readonly string[]): Promise<number> {
  const stores = ['postgres', 'event-store', 'redis', 'kafka'];
  for (;;) {
    const { status, stuck } = await readyzOf(service);
    if (stores.filter((name) => stuck.includes(name)).join() === names.join()) return status;
    await sleep(50);
  }
}

const absent = [
  { store: 'postgres', change: { DATABASE_URL: 'postgres://127.0.0.1:1/turnledger' } },
  { store: 'event-store', change: { EVENTSTORE_URL: 'esdb://127.0.0.1:1?tls=false' } },
  { store: 'redis', change: { REDIS_URL: 'redis://127.0.0.1:1' } },
  { store: 'kafka', change: { KAFKA_BROKERS: '127.0.0.1:1' } },
] as const;
const withBroker = ['projectors', 'inference-worker'] as const;
const all = ['command-api', 'query-api', ...withBroker] as const satisfies readonly ProcessName[];

/** Four processes at once start in little more time than one. */
const ofEach = <Seen>(names: readonly ProcessName[], see: (name: ProcessName) => Promise<Seen>) =>
  Promise.all(names.map(async (name) => ({ name, ...(await see(name)) })));

test.each(absent)('without $store each process waits, lives, and names that store alone', async ({ store, change }) => {
  const names = store === 'kafka' ? withBroker : all;
  const seen = await ofEach(names, async (name) => {
    const service = await startService(name, { ...whole, ...change });
    const readyz = await untilStuckIs(service, [store]);
    const { status: healthz } = await fetch(`${service.url}/healthz`);
    return { readyz, healthz, end: await service.stop() };
  });
  const end = { code: null, signal: 'SIGTERM' };
  // What is in Redis costs time alone: without it a process may be ready by then, or not yet.
  const readyz = store === 'redis' ? expect.any(Number) : 503;
  expect(seen).toEqual(names.map((name) => ({ name, readyz, healthz: 200, end })));
});

const linesOf = (service: StartedService): readonly string[] =>
  service
    .stderr()
    .split('\n')
    .filter((line) => line.startsWith('turnledger:'));

const refused: readonly [string, (url: string) => { readonly [name: string]: string }, RegExp][] = [
  [
    'a Redis that refuses its password',
    (url) => ({ REDIS_URL: url.replace('redis://', 'redis://ghost:hunter2@') }),
    /REDIS_URL: the server refuses the user or the password/,
  ],
  [
    'a database role that there is not',
    () => ({ DATABASE_URL: nobodyAt(whole.DATABASE_URL ?? '') }),
    /DATABASE_URL: 28/,
  ],
  [
    'another master key than the vault was begun with',
    () => ({ TURNLEDGER_MASTER_KEY: Buffer.alloc(32, 8).toString('base64') }),
    /master key/i,
  ],
];

/** The same server, asked for as somebody whom it does not know. */
const nobodyAt = (url: string): string => {
  const parsed = new URL(url);
  if (parsed.searchParams.has('user')) parsed.searchParams.set('user', 'ghost');
  else parsed.username = 'ghost';
  return parsed.href;
};

test.each(refused)('with %s each process ends at once, in one line', async (_what, change, line) => {
  const env = { ...whole, ...change(whole.REDIS_URL ?? '') };
  const seen = await ofEach(all, async (name) => {
    const service = await startService(name, env);
    return { end: await service.ended, lines: linesOf(service), isSecretTold: service.stderr().includes('hunter2') };
  });
  const expected = { end: { code: 1, signal: null }, lines: [expect.stringMatching(line)], isSecretTold: false };
  expect(seen).toEqual(all.map((name) => ({ name, ...expected })));
});
