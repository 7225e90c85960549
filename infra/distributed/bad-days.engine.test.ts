import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createTurnledgerClient, type RerunTurn } from '@turnledger/shared/client';
import type { ProcessName } from '@turnledger/shared/runtime';
import { type FreshDatabase, freshDatabase, metricSamples } from '@turnledger/shared/testing';
import { askingTwin } from '../embedded/testing/http-calls.ts';
import type { Engine } from '../engines/engine.ts';
import { freePorts } from '../engines/free-ports.ts';
import { startEngine } from '../engines/start-engine.ts';
import { startEventStoreTwin } from '../twins/eventstore/index.ts';
import { startModelTwin } from '../twins/model/index.ts';
import { endServices, type StartedService, startService } from './testing/started-service.ts';

type Twin = Awaited<ReturnType<typeof startEventStoreTwin>>;

let database: FreshDatabase;
let twin: Twin;
let env: { readonly [name: string]: string };
const engines: Pick<Engine, 'stop'>[] = [];

beforeAll(async () => {
  database = await freshDatabase();
});
beforeEach(async () => {
  twin = await startEventStoreTwin({ host: '127.0.0.1', port: 0 });
  env = {
    DATABASE_URL: database.connectionString,
    EVENTSTORE_URL: twin.url,
    REDIS_URL: process.env.TURNLEDGER_TEST_REDIS_URL ?? '',
    KAFKA_BROKERS: process.env.TURNLEDGER_TEST_KAFKA_BROKERS ?? '',
    TURNLEDGER_TOPIC_PREFIX: `bad-days-${randomUUID()}.`,
    TURNLEDGER_KAFKA_PARTITIONS: '4',
    TURNLEDGER_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
    // Some 25 words, one each 300 ms: a turn of 7 s, with time to kill in.
    TURNLEDGER_SCRIPTED_WORD_MS: '300',
    LOG_LEVEL: 'error',
  };
});
afterEach(async () => {
  await endServices();
  for (const engine of engines.splice(0)) await engine.stop();
  await twin.close();
  await database.drop();
  database = await freshDatabase();
});
afterAll(() => database.drop());

const start = (name: ProcessName, more: { readonly [name: string]: string } = {}) =>
  startService(name, { ...env, ...more });

interface Readiness {
  readonly status: number;
  readonly stuck: readonly string[];
  readonly leads: readonly string[];
}

async function readiness({ url }: StartedService): Promise<Readiness> {
  const answer = await fetch(`${url}/readyz`);
  const { stuck, hops } = (await answer.json()) as {
    readonly stuck: readonly { readonly name: string }[];
    readonly hops: readonly { readonly name: string; readonly facts?: { readonly leads?: boolean } }[];
  };
  const leads = hops.filter(({ facts }) => facts?.leads).map(({ name }) => name);
  return { status: answer.status, stuck: stuck.map(({ name }) => name), leads };
}

/** Looks five times a second; the test's own timeout ends it. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo().catch(() => false))) await sleep(200);
}

const untilReady = (services: readonly StartedService[]) =>
  until(async () => (await Promise.all(services.map(readiness))).every(({ status }) => status === 200));

interface Answer {
  readonly status: number;
  readonly body: {
    readonly attempts?: number;
    readonly status?: string;
    readonly response?: string;
    readonly code?: string;
  };
}

async function ask({ url }: StartedService): Promise<Answer> {
  const answer = await fetch(`${url}/llm/generate`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
    body: JSON.stringify({ prompt: 'Where were you at 22:40?' }),
  });
  return { status: answer.status, body: (await answer.json()) as Answer['body'] };
}

const inHand = async ({ url }: StartedService, what: 'turns' | 'reruns'): Promise<number> =>
  metricSamples(await (await fetch(`${url}/metrics`)).text())[`turnledger_running_${what}`] ?? 0;

/** A whole installation; of workers as many as asked for. */
async function startAll(workers: number) {
  const [api, projectors, ...all] = await Promise.all([
    start('command-api'),
    start('projectors'),
    ...Array.from({ length: workers }, () => start('inference-worker')),
  ]);
  await untilReady([api, projectors, ...all]);
  return { api, projectors, workers: all };
}

/** The one that has a turn in hand, or a re-run. */
async function busyOf(workers: readonly StartedService[], what: 'turns' | 'reruns' = 'turns') {
  let busy: StartedService | undefined;
  await until(async () => {
    for (const one of workers) if ((await inHand(one, what)) > 0) busy = one;
    return busy !== undefined;
  });
  return busy;
}

describe('a worker that goes in the middle of a turn', () => {
  test('by kill -9: another takes the turn over and answers it', async () => {
    const { api, workers } = await startAll(2);
    const asked = ask(api);
    const busy = await busyOf(workers);
    await sleep(1_000);
    busy?.signal('SIGKILL');
    expect(await asked).toMatchObject({ status: 200, body: { status: 'completed', attempts: 2 } });
  });

  test('by kill -9 with a re-run in hand: another goes on with it, and compares every turn once', async () => {
    const model = await startModelTwin({ host: '127.0.0.1' });
    engines.push({ stop: () => model.close() });
    env = { ...env, ...askingTwin(model) };
    const [{ api, workers }, queries] = await Promise.all([startAll(2), start('query-api')]);
    const session = await createTurnledgerClient({ baseUrl: api.url }).startSession();
    for (const prompt of ['Who goes there?', 'Let me pass.', 'Then fight me.']) await session.say(prompt);
    model.reset();
    const second = new Promise<void>((resolve) => {
      model.plan(() => {
        if (model.totalCalls !== 2) return {};
        resolve();
        return { fault: { kind: 'stall_mid_stream' } };
      });
    });
    const asked = { reuse: false, concurrency: 1 };
    const { id } = await createTurnledgerClient({ baseUrl: api.url }).requestRerun({ sessionId: session.id }, asked);
    await second;
    (await busyOf(workers, 'reruns'))?.signal('SIGKILL');
    const reader = createTurnledgerClient({ baseUrl: queries.url });
    expect(await reader.awaitRerun(id)).toMatchObject({ status: 'completed', progress: { compared: 3, completed: 3 } });
    const turns: RerunTurn[] = [];
    for await (const turn of reader.rerunTurns(id)) turns.push(turn);
    // Which of them was under way, nobody has said: the turns of a session are asked side by side.
    expect(turns.map(({ position }) => position).sort()).toEqual([1, 2, 3]);
    expect(turns.map(({ repeated }) => repeated.attempts).sort()).toEqual([1, 1, 2]);
    expect(model.totalCalls).toBe(4);
  });

  test('frozen: its turn is taken over, and what it says when it thaws changes nothing', async () => {
    const { api, workers } = await startAll(2);
    const asked = ask(api);
    const busy = await busyOf(workers);
    await sleep(1_000);
    busy?.signal('SIGSTOP');
    const answer = await asked;
    busy?.signal('SIGCONT');
    expect(answer).toMatchObject({ status: 200, body: { status: 'completed', attempts: 2 } });
    await untilReady(workers);
  });

  test('by SIGTERM, with more to say than it has time to: another takes over as soon as it has gone', async () => {
    env = { ...env, TURNLEDGER_SCRIPTED_WORD_MS: '700' };
    const { api, workers } = await startAll(1);
    const asked = ask(api);
    const busy = await busyOf(workers);
    const other = await start('inference-worker', { TURNLEDGER_SCRIPTED_WORD_MS: '0' });
    await untilReady([other]);
    expect(await busy?.stop()).toEqual({ code: null, signal: 'SIGTERM' });
    const goneMs = performance.now();
    expect(await asked).toMatchObject({ status: 200, body: { attempts: 2 } });
    expect(performance.now() - goneMs).toBeLessThan(5_000);
  });
});

describe('the process that leads the loops', () => {
  test.each(['SIGKILL', 'SIGSTOP'] as const)(
    'gone by %s: another leads them all within ten seconds',
    async (signal) => {
      env = { ...env, TURNLEDGER_SCRIPTED_WORD_MS: '0' };
      const { api, projectors } = await startAll(1);
      const second = await start('projectors');
      await untilReady([second]);
      expect((await readiness(projectors)).leads).toHaveLength(4);
      projectors.signal(signal);
      const goneMs = performance.now();
      await until(async () => (await readiness(second)).leads.length === 4);
      expect(performance.now() - goneMs).toBeLessThan(10_000);
      expect(await ask(api)).toMatchObject({ status: 200, body: { attempts: 1 } });
      projectors.signal('SIGCONT');
    },
  );
});

describe('a store that comes late, or goes', () => {
  test('Kafka after all others: what waited for it goes on by itself', async () => {
    const [port = 0] = await freePorts(1);
    env = { ...env, KAFKA_BROKERS: `127.0.0.1:${port}`, TURNLEDGER_SCRIPTED_WORD_MS: '0' };
    const [api, projectors, worker] = await Promise.all([
      start('command-api'),
      start('projectors'),
      start('inference-worker'),
    ]);
    await untilReady([api]);
    // A broker may take half a minute to start on a busy machine, which is as long as a turn lives unless its scenario says more.
    await fetch(`${api.url}/llm/configure`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ deadlines: { total_ms: 120_000 } }),
    });
    // A command is accepted while nothing can be relayed.
    const asked = ask(api);
    await until(async () => (await readiness(projectors)).stuck.includes('kafka'));
    expect((await readiness(worker)).stuck).toContain('kafka');
    engines.push(await startEngine('kafka', { port }));
    await untilReady([projectors, worker]);
    expect(await asked).toMatchObject({ status: 200, body: { attempts: 1 } });
  });

  test('Redis away: named, and nobody waits for it', async () => {
    const redis = await startEngine('redis');
    engines.push(redis);
    env = { ...env, REDIS_URL: redis.url, TURNLEDGER_SCRIPTED_WORD_MS: '0' };
    const { api } = await startAll(1);
    await redis.stop();
    await until(async () => (await readiness(api)).stuck.includes('redis'));
    expect(await readiness(api)).toMatchObject({ status: 200, stuck: ['redis'] });
    expect(await ask(api)).toMatchObject({ status: 200 });
  });

  test('the event store away: red, and green again once it is back', async () => {
    const { api } = await startAll(1);
    twin.faults.set({ kind: 'unavailable' });
    await until(async () => (await readiness(api)).stuck.includes('event-store'));
    expect(await ask(api)).toMatchObject({ status: 503 });
    twin.faults.heal();
    await untilReady([api]);
    expect(await ask(api)).toMatchObject({ status: 200 });
  });
});
