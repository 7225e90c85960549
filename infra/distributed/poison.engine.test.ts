import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { binaryEvent, type EventData, EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { sessionStream, topicNames } from '@turnledger/shared/contracts';
import { type FreshTopics, freshTopics, metricSamples } from '@turnledger/shared/testing';
import pg from 'pg';
import { type HttpCalls, httpCalls } from '../embedded/testing/http-calls.ts';
import { type JudgedSystem, startJudgedSystem } from './testing/judged-system.ts';

const PREFIX = `poison-${randomUUID()}.`;
const names = topicNames(PREFIX);

let system: JudgedSystem;
let calls: HttpCalls;
let eventStore: EventStoreDBClient;
let pool: pg.Pool;
let topics: FreshTopics;

beforeAll(async () => {
  topics = await freshTopics();
  system = await startJudgedSystem({
    env: {
      REDIS_URL: process.env.TURNLEDGER_TEST_REDIS_URL,
      KAFKA_BROKERS: process.env.TURNLEDGER_TEST_KAFKA_BROKERS,
      TURNLEDGER_TOPIC_PREFIX: PREFIX,
      // Whatever is broken stands before whatever is not.
      TURNLEDGER_KAFKA_PARTITIONS: '1',
    },
  });
  calls = httpCalls(system.running.url);
  eventStore = EventStoreDBClient.connectionString(system.eventStore.url);
  const database = system.running.stores.find(({ variable }) => variable === 'DATABASE_URL');
  pool = new pg.Pool({ connectionString: database?.url, max: 1 });
});
afterAll(async () => {
  await pool?.end();
  await eventStore?.dispose();
  await system?.close();
  await topics?.drop();
});

/** A figure of a process, by its name and labels. */
async function figure(process: string, sample: string): Promise<number> {
  const url = system.running.processes.find(({ name }) => name === process)?.url;
  return metricSamples(await (await fetch(`${url}/metrics`)).text())[sample] ?? Number.NaN;
}

/** Looks ten times a second; the test's own timeout ends it. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(100);
}

async function openSession(): Promise<string> {
  const { body } = await calls.post('/v1/sessions', { player_id: randomUUID() });
  return body.id;
}

const ask = (sessionId: string, prompt = 'Is anybody there?') =>
  calls.post(`/v1/sessions/${sessionId}/turns`, { prompt });

const parkedOf = async (sessionId: string): Promise<readonly { readonly loop: string; readonly code: string }[]> =>
  (
    await pool.query('select loop, code from turnledger.parked_event where stream = $1 order by loop', [
      sessionStream(sessionId),
    ])
  ).rows;

/** Every process still runs, and every hop of it moves. */
async function expectAllReady(): Promise<void> {
  for (const { url } of system.running.processes) expect((await fetch(`${url}/readyz`)).status).toBe(200);
}

const recorded = { schemaVersion: '1', recordedAt: '2026-01-01T00:00:00.000Z', correlationId: 'c', actor: 'game' };
const unknown = { code: 'event_unknown', loops: ['read-models'] } as const;
const invalid = { code: 'event_invalid', loops: ['read-models'] } as const;

interface Poison {
  readonly event: EventData;
  readonly code: string;
  readonly loops: readonly string[];
}

const poisons: readonly (readonly [string, Poison])[] = [
  [
    'of a type that this version does not know',
    { ...unknown, event: jsonEvent({ type: 'TurnRenamed', data: {}, metadata: recorded }) },
  ],
  [
    'of a version of its type that this version does not know',
    { ...unknown, event: jsonEvent({ type: 'SessionEnded', data: {}, metadata: { ...recorded, schemaVersion: '2' } }) },
  ],
  ['without metadata', { ...unknown, event: jsonEvent({ type: 'SessionEnded', data: {} }) }],
  [
    'of a known type whose data breaks its schema',
    { ...invalid, event: jsonEvent({ type: 'SessionEnded', data: { by: 7 }, metadata: recorded }) },
  ],
  [
    'that is a broken request, which the relay meets as well',
    {
      code: 'event_invalid',
      loops: ['read-models', 'relay'],
      event: jsonEvent({ type: 'TurnRequested', data: { turnId: 7 }, metadata: recorded }),
    },
  ],
  [
    'whose data is no JSON',
    { ...invalid, event: binaryEvent({ type: 'SessionEnded', data: Buffer.from('{"by":'), metadata: recorded }) },
  ],
  [
    'whose data is nested 50,000 deep',
    {
      ...invalid,
      event: binaryEvent({
        type: 'SessionEnded',
        data: Buffer.from(`{"by":${'['.repeat(50_000)}${']'.repeat(50_000)}}`),
        metadata: recorded,
      }),
    },
  ],
];

describe('an event that somebody wrote into a session past us', () => {
  let neighbour: string;
  beforeAll(async () => {
    neighbour = await openSession();
    expect((await ask(neighbour)).status).toBe(200);
  });

  test.each(poisons)(
    '%s is parked with its reason, and counted; its neighbours go on',
    async (_, { event, code, loops }) => {
      const sessionId = await openSession();
      const before = await ask(sessionId);
      expect(before).toMatchObject({ status: 200, body: { status: 'completed' } });
      const counted = await Promise.all(
        loops.map((loop) => figure('projectors', `turnledger_events_parked_total{projector="${loop}"}`)),
      );

      await eventStore.appendToStream(`turnledger:${sessionStream(sessionId)}`, event);

      await until(async () => (await parkedOf(sessionId)).length === loops.length);
      expect(await parkedOf(sessionId)).toEqual(loops.map((loop) => ({ loop, code })));
      for (const [index, loop] of loops.entries())
        expect(await figure('projectors', `turnledger_events_parked_total{projector="${loop}"}`)).toBe(
          (counted[index] ?? 0) + 1,
        );
      // The session itself: what it holds can be read, and whoever wants more of it hears why not, and not to ask again.
      const after = await ask(sessionId);
      expect(after).toMatchObject({ status: 500, body: { code } });
      expect(after.headers.get('x-should-retry')).toBe('false');
      const shown = await calls.get(`/v1/sessions/${sessionId}/turns`);
      expect(shown.body.data).toMatchObject([{ id: before.body.id, response: before.body.response }]);
      expect(await ask(neighbour)).toMatchObject({ status: 200, body: { status: 'completed' } });
      await expectAllReady();
    },
  );

  test('in the middle of a turn: whoever waits for it hears why, and does not wait', async () => {
    const sessionId = await openSession();
    expect((await ask(sessionId)).status).toBe(200);
    const open = await calls.post(
      `/v1/sessions/${sessionId}/turns`,
      { prompt: 'And now?' },
      { prefer: 'respond-async' },
    );
    expect(open.status).toBe(202);
    await eventStore.appendToStream(`turnledger:${sessionStream(sessionId)}`, poisons[0]?.[1].event ?? []);
    const startedMs = performance.now();
    const answer = await ask(sessionId, 'And now?');
    expect(answer).toMatchObject({ status: 500, body: { code: 'event_unknown' } });
    expect(performance.now() - startedMs).toBeLessThan(2_000);
    expect(await ask(neighbour)).toMatchObject({ status: 200 });
  });
});

/** As the relay writes it; of a turn that nobody ever asked for. */
const told = (sessionId: string, turnId: string, changes: object = {}) =>
  JSON.stringify({
    specversion: '1.0',
    id: `${turnId}/requested`,
    source: '/turnledger/log',
    type: 'turnledger.turn.requested.v1',
    subject: turnId,
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    data: { session_id: sessionId, turn_id: turnId, correlation_id: 'c', deadline_ms: 30_000 },
    ...changes,
  });

describe('a message on the topic of requests', () => {
  let sessionId: string;
  let parked = 0;
  beforeEach(async () => {
    sessionId = await openSession();
  });

  test.each([
    ['that is no JSON', 'not_json', () => 'open sesame'],
    ['that is JSON and no CloudEvent', 'unknown_type', () => '{"please":"answer"}'],
    ['that is a CloudEvent of somebody else', 'unknown_type', () => told('s', 't', { type: 'com.example.greeting' })],
    ['that is one of ours without its data', 'invalid', () => told('s', 't', { data: {} })],
    ['of a session that does not exist', 'unknown_turn', () => told(randomUUID(), randomUUID())],
    ['of a session whose name is no id', 'unknown_turn', () => told(`../${'x'.repeat(240)}\u0000\n`, randomUUID())],
    ['of a turn that its session does not have', 'unknown_turn', () => told(sessionId, randomUUID())],
  ])('%s is put aside as %s, and counted; what comes behind it is answered', async (_, reason, value) => {
    const unreadable = () => figure('inference-worker', 'turnledger_messages_unreadable');
    const counted = await unreadable();
    await topics.write(names.requested, [{ key: sessionId, value: value() }]);
    expect(await ask(sessionId)).toMatchObject({ status: 200, body: { status: 'completed', attempts: 1 } });
    await until(async () => (await unreadable()) === counted + 1);
    parked += 1;
    const aside = (await topics.read(names.parked, parked)).at(-1);
    expect(String(aside?.headers?.reason)).toBe(reason);
    // The group is past it: no worker meets it again.
    await until(async () => {
      const [[topic], [end]] = await Promise.all([
        topics.admin.fetchOffsets({ groupId: names.workers, topics: [names.requested] }),
        topics.admin.fetchTopicOffsets(names.requested),
      ]);
      return topic?.partitions[0]?.offset === end?.high;
    });
    await expectAllReady();
  });
});
