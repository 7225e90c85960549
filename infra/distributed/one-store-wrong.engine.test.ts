import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
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
const withoutBroker = ['command-api', 'query-api'] as const;
const withBroker = ['projectors', 'inference-worker'] as const;
const cases = absent.flatMap(({ store, change }) =>
  (store === 'kafka' ? withBroker : [...withoutBroker, ...withBroker]).map((name) => ({ name, store, change })),
);

test.each(cases)('$name without $store waits, and names that store alone', async ({ name, store, change }) => {
  const service = await startService(name, { ...whole, ...change });
  const status = await untilStuckIs(service, [store]);
  // What is in Redis costs time alone.
  if (store !== 'redis') expect(status).toBe(503);
  expect((await fetch(`${service.url}/healthz`)).status).toBe(200);
  expect(await service.stop()).toEqual({ code: null, signal: 'SIGTERM' });
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
    /REDIS_URL: .*WRONGPASS/,
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
  [
    'an event store of another scheme',
    () => ({ EVENTSTORE_URL: 'kurrentdb://store:2113' }),
    /EVENTSTORE_URL must be an esdb:\/\//,
  ],
];

/** The same server, asked for as somebody whom it does not know. */
const nobodyAt = (url: string): string => {
  const parsed = new URL(url);
  if (parsed.searchParams.has('user')) parsed.searchParams.set('user', 'ghost');
  else parsed.username = 'ghost';
  return parsed.href;
};

describe.each([...withoutBroker, ...withBroker] satisfies ProcessName[])('%s ends at once, in one line,', (name) => {
  test.each(refused)('with %s', async (_what, change, line) => {
    const service = await startService(name, { ...whole, ...change(whole.REDIS_URL ?? '') });
    expect(await service.ended).toEqual({ code: 1, signal: null });
    expect(linesOf(service)).toEqual([expect.stringMatching(line)]);
    expect(service.stderr()).not.toContain('hunter2');
  });
});
