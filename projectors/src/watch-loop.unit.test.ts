import { beforeEach, describe, expect, test } from '@jest/globals';
import { MemoryEventLog } from '@turnledger/shared/adapters/memory';
import { limits, TurnledgerError } from '@turnledger/shared/contracts';
import { createHopBoard, type HopBoard, silentLog } from '@turnledger/shared/runtime';
import { encodedEvents, freshStream, ManualClock } from '@turnledger/shared/testing';
import { runProjector } from './run-projector.ts';
import { type StalledLoop, watchLoop } from './watch-loop.ts';

const { watchIntervalMs, stalledAfterMs } = limits.projector;

let clock: ManualClock;
let log: MemoryEventLog;
let board: HopBoard;
let stop: AbortController;
let stalls: StalledLoop[];
/** Batches wait, until `release` is called. */
let hold: boolean;
let fails: boolean;
let isStoreReady: boolean;
let release: () => void;

beforeEach(() => {
  clock = new ManualClock();
  log = new MemoryEventLog({ clock });
  board = createHopBoard(clock, ['relay']);
  board.add('postgres', () => ({ isReady: isStoreReady }));
  board.add('redis', () => ({ isReady: false, isHint: true }));
  stop = new AbortController();
  [stalls, hold, fails, isStoreReady, release] = [[], false, false, true, () => {}];
});

const record = () => log.append(freshStream(), 'no_stream', encodedEvents(1));
const settle = async () => {
  for (let turn = 0; turn < 20; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
};
const isStuck = () => board.hops().some(({ name, isReady }) => name === 'relay' && !isReady);

/** Passes time, with all that happens within. */
async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += watchIntervalMs) {
    await clock.advanceBy(watchIntervalMs);
    await settle();
  }
}

/** A loop that has caught up with an event, watched. */
async function run() {
  await record();
  let checkpoint = 0n;
  const ports = { log, clock, board, logger: silentLog, onStalled: (stalled: StalledLoop) => stalls.push(stalled) };
  const report = watchLoop(ports, 'relay', stop.signal);
  const projector = {
    name: 'relay',
    start: async () => checkpoint,
    async apply(_events: readonly unknown[], position: bigint) {
      if (fails) throw new TypeError('a planted fault');
      if (hold) await new Promise<void>((resolve) => (release = resolve));
      checkpoint = position;
    },
  };
  const ended = runProjector(ports, projector, stop.signal, report);
  await settle();
  return async () => {
    stop.abort();
    hold = false;
    release();
    await ended;
    await settle();
  };
}

describe('watchLoop', () => {
  test('tells of a loop that waits inside a batch for ever, once', async () => {
    const end = await run();
    hold = true;
    await record();
    await pass(2 * stalledAfterMs);
    expect(stalls).toEqual([{ loop: 'relay', position: '1', head: '2', stillMs: stalledAfterMs }]);
    await end();
  });

  test('the board names such a loop long before, though it believes to be caught up, and no more once it goes on', async () => {
    const end = await run();
    hold = true;
    await record();
    expect(isStuck()).toBe(false);
    await pass(2 * watchIntervalMs);
    expect(isStuck()).toBe(true);
    hold = false;
    release();
    await settle();
    expect(isStuck()).toBe(false);
    expect(stalls).toEqual([]);
    await end();
  });

  test('tells of one whose batch fails again and again while its stores answer', async () => {
    const end = await run();
    fails = true;
    await record();
    await pass(2 * stalledAfterMs);
    expect(stalls).toMatchObject([{ loop: 'relay', position: '1', head: '2' }]);
    await end();
  });

  test('says nothing of an idle log, however long', async () => {
    const end = await run();
    await pass(10 * stalledAfterMs);
    expect([stalls, isStuck()]).toEqual([[], false]);
    await end();
  });

  test('says nothing of one that moves, be it behind at every look', async () => {
    const end = await run();
    for (let look = 0; look < 30; look += 1) {
      hold = true;
      await record();
      await pass(watchIntervalMs);
      release();
      await settle();
    }
    expect(stalls).toEqual([]);
    await end();
  });

  test('waits while a store does not answer, and counts from when it does', async () => {
    const end = await run();
    hold = true;
    await record();
    isStoreReady = false;
    await pass(10 * stalledAfterMs);
    expect(stalls).toEqual([]);
    isStoreReady = true;
    await pass(stalledAfterMs);
    expect(stalls).toEqual([]);
    await pass(watchIntervalMs);
    expect(stalls).toHaveLength(1);
    await end();
  });

  test('waits while the log does not say where its head is', async () => {
    const end = await run();
    hold = true;
    await record();
    log.headPosition = () => Promise.reject(new TurnledgerError('store_unavailable'));
    await pass(10 * stalledAfterMs);
    expect(stalls).toEqual([]);
    await end();
  });

  test('looks no more once the loop is another’s', async () => {
    const end = await run();
    hold = true;
    await record();
    await end();
    await pass(2 * stalledAfterMs);
    expect(stalls).toEqual([]);
    expect(clock.sleeping).toBe(0);
  });
});
