import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openMemoryViewStore, openMemoryWorkerLiveness } from '@turnledger/shared/adapters/memory';
import { limits, TurnledgerError, views } from '@turnledger/shared/contracts';
import type { TurnMessage, TurnQueue, ViewStore, WorkerLiveness } from '@turnledger/shared/ports';
import { silentLog } from '@turnledger/shared/runtime';
import { ManualClock } from '@turnledger/shared/testing';
import { requeueLostTurns } from './requeue-lost-turns.ts';

const { leaseMs } = limits.worker;
const { beatMs, lookMs } = limits.liveness;

let clock: ManualClock;
let store: ViewStore;
let liveness: WorkerLiveness;
let given: string[];
let isRefusing: boolean;
let isSilent: boolean;
let stop: AbortController;
let running: Promise<void>;

const queue: TurnQueue = {
  async enqueue(messages: readonly TurnMessage[]) {
    if (isSilent) await new Promise(() => {});
    if (isRefusing) throw new TurnledgerError('store_unavailable');
    for (const { turnId } of messages) given.push(turnId);
  },
  consume: async () => {},
  depth: () => 0,
};

/** Makes turns be open in the view, and no others. */
async function open(...turnIds: readonly string[]): Promise<void> {
  const from = await store.checkpoint(views.turns);
  const rows = ['first', 'second'].map((turnId) => {
    const status = turnIds.includes(turnId) ? 'started' : 'completed';
    const record = {
      turnId,
      sessionId: 'session',
      status,
      loggedAtMs: 0,
      deadlineMs: 1,
      deadlineAtMs: 1,
      correlationId: '',
    };
    return { key: turnId, stream: 'session-1', revision: Number(from), record: JSON.stringify(record) };
  });
  await store.commit([{ view: views.turns, rows }], { from, to: from + 1n });
}

const tick = () => new Promise<void>((resolve) => setImmediate(resolve));
const start = async () => {
  running = requeueLostTurns({ store, queue, liveness, clock, logger: silentLog }, stop.signal);
  for (let ticks = 0; ticks < 5; ticks += 1) await tick();
};

/** Time in which some workers beat, once a second. */
async function pass(ms: number, ...beating: readonly string[]): Promise<void> {
  for (let passedMs = 0; passedMs < ms; passedMs += beatMs) {
    for (const worker of beating) await liveness.beat(worker);
    await clock.advanceBy(beatMs);
  }
}

beforeEach(async () => {
  clock = new ManualClock();
  store = openMemoryViewStore();
  await store.prepare([views.turns]);
  liveness = openMemoryWorkerLiveness();
  [given, isRefusing, isSilent, stop] = [[], false, false, new AbortController()];
});

afterEach(async () => {
  stop.abort();
  await running;
});

describe('what is open is enqueued again', () => {
  test('once at the beginning, and not again while workers live', async () => {
    await open('first', 'second');
    await start();
    await pass(4 * leaseMs, 'one', 'two');
    expect(given).toEqual(['first', 'second']);
  });

  test('when a worker’s beat has not moved for a lease, once', async () => {
    await start();
    await pass(2 * lookMs, 'one', 'two');
    await open('first');
    await pass(leaseMs - lookMs, 'two');
    expect(given).toEqual([]);
    await pass(4 * leaseMs, 'two');
    expect(given).toEqual(['first']);
  });

  test('when a worker says goodbye, within a look', async () => {
    await start();
    await pass(lookMs, 'one');
    await open('first');
    await liveness.end('one');
    await clock.advanceBy(lookMs);
    expect(given).toEqual(['first']);
  });

  test('when a worker stops a second time after it came back', async () => {
    await open('first');
    await start();
    await pass(lookMs, 'one');
    await pass(2 * leaseMs);
    await pass(2 * lookMs, 'one');
    expect(given).toHaveLength(2);
    await pass(2 * leaseMs);
    expect(given).toHaveLength(3);
  });

  test('not for those that had ended before anybody looked', async () => {
    await liveness.end('long ago');
    await open('first');
    await start();
    await pass(2 * lookMs);
    expect(given).toEqual(['first']);
  });

  test('as soon as the queue takes it', async () => {
    isRefusing = true;
    await open('first');
    await start();
    await pass(3 * lookMs);
    expect(given).toEqual([]);
    isRefusing = false;
    await pass(lookMs);
    expect(given).toEqual(['first']);
  });
});

test('ends with its signal and leaves nothing behind', async () => {
  await start();
  stop.abort();
  await running;
  expect(clock.sleeping).toBe(0);
});

test('ends with its signal also while the queue waits for its broker', async () => {
  isSilent = true;
  await open('first');
  await start();
  stop.abort();
  await running;
  expect(given).toEqual([]);
});
