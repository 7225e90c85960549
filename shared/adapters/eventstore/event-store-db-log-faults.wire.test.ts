import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { limits } from '../../contracts/index.ts';
import { Arrivals } from '../../testing/arrivals.ts';
import { encodedEvent, encodedEvents, freshStream } from '../../testing/encoded-events.ts';
import { type EventStoreTwinProcess, startEventStoreTwinProcess } from '../../testing/event-store-twin-process.ts';
import { systemClock } from '../system/index.ts';
import { EventStoreDbLog } from './event-store-db-log.ts';

let twin: EventStoreTwinProcess;
let log: EventStoreDbLog;
let notices: Arrivals<string>;
let stream: string;
const events = encodedEvents(3);

beforeAll(async () => {
  twin = await startEventStoreTwinProcess();
});
beforeEach(async () => {
  notices = new Arrivals();
  const hear = (_: object, sentence: string) => notices.add(sentence);
  log = new EventStoreDbLog({
    url: twin.url,
    prefix: `faults-${randomUUID()}`,
    clock: systemClock,
    log: { info: hear, warn: hear },
  });
  stream = freshStream();
  await log.append(freshStream(), 'no_stream', [encodedEvent()]); // connects
});
afterEach(async () => {
  await twin.heal();
  await log.close();
});
afterAll(() => twin.stop());

/** The retry says ok at the first revision, and each event is there once. */
async function retrySettles(): Promise<void> {
  expect(await log.append(stream, 'no_stream', events)).toEqual({ outcome: 'ok', revision: 2 });
  expect(await log.readStream(stream)).toMatchObject(events);
}

async function tookMs<T>(work: Promise<T>): Promise<[T, number]> {
  const startedMs = performance.now();
  const result = await work;
  return [result, performance.now() - startedMs];
}

const justOverDeadlineMs = limits.log.appendTimeoutMs + 250;

test('a store that is silent: unknown within the deadline, and the retry writes', async () => {
  await twin.setFault({ kind: 'silent' });
  const [outcome, ms] = await tookMs(log.append(stream, 'no_stream', events));
  expect(outcome).toMatchObject({ outcome: 'unknown', cause: expect.stringMatching(/deadline/i) });
  expect(ms).toBeLessThan(justOverDeadlineMs);
  await twin.heal();
  await retrySettles();
});

test('a store that does it and never says so: unknown, and the retry finds what was written', async () => {
  await twin.setFault({ kind: 'execute_and_timeout', calls: 'append' });
  const [outcome, ms] = await tookMs(log.append(stream, 'no_stream', events));
  expect(outcome).toMatchObject({ outcome: 'unknown' });
  expect(ms).toBeLessThan(justOverDeadlineMs);
  await twin.heal();
  expect(await log.readStream(stream)).toHaveLength(3);
  await retrySettles();
});

test('a store that is silent to 200 appends: all unknown within the deadline, those that were not sent say so', async () => {
  await twin.setFault({ kind: 'silent' });
  const streams = Array.from({ length: 200 }, freshStream);
  const [outcomes, ms] = await tookMs(
    Promise.all(streams.map((name) => log.append(name, 'no_stream', [encodedEvent()]))),
  );
  expect(outcomes.every(({ outcome }) => outcome === 'unknown')).toBe(true);
  const unsent = outcomes.filter((one) => one.outcome === 'unknown' && one.cause.startsWith('not sent'));
  expect(unsent).toHaveLength(200 - limits.eventStore.maxAppendsInFlight);
  expect(ms).toBeLessThan(justOverDeadlineMs);
  await twin.heal();
  await retrySettles();
});

test('a store that refuses: unknown and store_unavailable, and both recover by themselves', async () => {
  await twin.setFault({ kind: 'unavailable' });
  expect(await log.append(stream, 'no_stream', events)).toMatchObject({
    outcome: 'unknown',
    cause: expect.stringMatching(/^unavailable/),
  });
  await expect(log.readStream(stream)).rejects.toMatchObject({ code: 'store_unavailable' });
  await expect(log.readHead(stream)).rejects.toMatchObject({ code: 'store_unavailable' });
  await expect(log.headPosition()).rejects.toMatchObject({ code: 'store_unavailable' });
  await twin.heal();
  await retrySettles();
});

test('a node that does not lead: unknown, and the retry goes to the one that does', async () => {
  const { hostname, port } = new URL(twin.url.replace('esdb:', 'http:'));
  await twin.setFault({ kind: 'not_leader', host: hostname, port: Number(port), times: 1 });
  expect(await log.append(stream, 'no_stream', events)).toMatchObject({ outcome: 'unknown' });
  await retrySettles();
});

test('connections reset in the middle of many appends: each is ok or unknown, and every retry leaves one copy', async () => {
  const appends = Array.from({ length: 40 }, () => [freshStream(), 'no_stream', encodedEvents(2)] as const);
  await twin.setFault({ kind: 'kill_mid_batch', answers: 10 });
  const outcomes = await Promise.all(appends.map((append) => log.append(...append)));
  expect(outcomes.filter(({ outcome }) => outcome === 'ok').length).toBeGreaterThanOrEqual(10);
  expect(outcomes.filter(({ outcome }) => outcome === 'unknown').length).toBeGreaterThan(0);
  for (const append of appends) {
    expect(await log.append(...append)).toEqual({ outcome: 'ok', revision: 1 });
    expect(await log.readStream(append[0])).toMatchObject(append[2]);
  }
});

test('a store that is silent to a read: store_unavailable in 5 s, and the next read has its answer', async () => {
  await twin.setFault({ kind: 'silent' });
  const [, ms] = await tookMs(
    expect(log.readStream(stream)).rejects.toMatchObject({
      code: 'store_unavailable',
      message: expect.stringContaining('no answer in time'),
    }),
  );
  expect(ms).toBeLessThan(limits.log.readTimeoutMs + 250);
  await twin.heal();
  expect(await log.readStream(stream)).toEqual([]);
});

test('150 reads at once and 150 of missing streams leave no call open', async () => {
  await log.append(stream, 'no_stream', events);
  const heads = await Promise.all(Array.from({ length: 150 }, () => log.readHead(stream)));
  expect(heads.every((head) => head?.revision === 2)).toBe(true);
  const missing = await Promise.all(Array.from({ length: 150 }, () => log.readHead(freshStream())));
  expect(missing.every((head) => head === undefined)).toBe(true);
  expect(await log.append(stream, 2, [encodedEvent()])).toEqual({ outcome: 'ok', revision: 3 });
});

test('after failures in a row another connection is tried; an operator hears of both ends', async () => {
  await twin.setFault({ kind: 'silent' });
  const reads = Array.from({ length: limits.eventStore.failuresBeforeNewClient }, () => log.readHead(stream));
  await Promise.allSettled(reads);
  await notices.until(1);
  await twin.heal();
  await retrySettles();
  expect(notices.all).toEqual(['the event store does not answer', 'the event store answers again']);
});

test('an append over the size that the server takes is rejected', async () => {
  const nearly = 'x'.repeat(524_286);
  const outcome = await log.append(stream, 'no_stream', [
    encodedEvent({ data: `"${nearly}"` }),
    encodedEvent({ data: `"${nearly}é"` }),
  ]);
  expect(outcome).toEqual({ outcome: 'rejected', reason: 'too_large' });
});
