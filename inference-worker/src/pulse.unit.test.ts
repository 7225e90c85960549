import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openMemoryWorkerLiveness } from '@turnledger/shared/adapters/memory';
import { limits, TurnledgerError } from '@turnledger/shared/contracts';
import type { WorkerLiveness } from '@turnledger/shared/ports';
import { silentLog } from '@turnledger/shared/runtime';
import { ManualClock } from '@turnledger/shared/testing';
import { Pulse } from './pulse.ts';

const { beatMs, fenceMs, watchMs } = limits.liveness;
const worker = 'this-life';

let clock: ManualClock;
let store: WorkerLiveness;
/** What becomes of a beat: it arrives, fails, or is never answered. */
let beatsBy: 'arriving' | 'failing' | 'hanging' | 'slow';
let sent: number[];
let faints: number[];
let pulse: Pulse;
let stop: AbortController;
let beating: Promise<void>;

beforeEach(() => {
  clock = new ManualClock();
  store = openMemoryWorkerLiveness();
  beatsBy = 'arriving';
  [sent, faints] = [[], []];
  stop = new AbortController();
  const liveness: WorkerLiveness = {
    ...store,
    async beat(who) {
      sent.push(clock.monotonicMs());
      if (beatsBy === 'failing') throw new TurnledgerError('store_unavailable');
      if (beatsBy === 'hanging')
        await new Promise<void>((resolve) => stop.signal.addEventListener('abort', () => resolve()));
      if (beatsBy === 'slow') await clock.sleep(fenceMs - 500);
      await store.beat(who);
    },
  };
  const onFaint = () => void faints.push(clock.monotonicMs());
  pulse = new Pulse({ liveness, clock, log: silentLog, worker, onFaint });
});

afterEach(async () => {
  stop.abort();
  // A slow beat answers when it does.
  await clock.advanceBy(fenceMs);
  await beating;
});

const tick = () => new Promise<void>((resolve) => setImmediate(resolve));
const start = async () => {
  beating = pulse.beat(stop.signal);
  await tick();
};

describe('a pulse', () => {
  test('beats once a second', async () => {
    await start();
    await clock.advanceBy(3 * beatMs);
    expect(sent).toEqual([0, beatMs, 2 * beatMs, 3 * beatMs]);
    expect(pulse.isBeating).toBe(true);
  });

  test('is none before its first beat has arrived', async () => {
    beatsBy = 'failing';
    await start();
    expect(pulse.isBeating).toBe(false);
    const waited = pulse.untilBeating(stop.signal).then(() => pulse.isBeating);
    beatsBy = 'arriving';
    await clock.advanceBy(beatMs);
    expect(await waited).toBe(true);
    expect(faints).toEqual([]);
  });

  test.each(['failing', 'hanging'] as const)(
    'stops for who waits four seconds after the last beat, with beats %s',
    async (how) => {
      await start();
      beatsBy = how;
      await clock.advanceBy(fenceMs - 1);
      expect([pulse.isBeating, faints]).toEqual([true, []]);
      await clock.advanceBy(watchMs);
      expect(pulse.isBeating).toBe(false);
      expect(faints).toEqual([fenceMs]);
    },
  );

  test('counts from when a beat was sent: an old answer proves nothing about now', async () => {
    beatsBy = 'slow';
    await start();
    await clock.advanceBy(fenceMs - 500);
    await tick();
    beatsBy = 'failing';
    expect(pulse.isBeating).toBe(true);
    await clock.advanceBy(500);
    expect(pulse.isBeating).toBe(false);
  });

  test('tells of each stop once, and goes on with the next beat', async () => {
    await start();
    for (const round of [1, 2]) {
      beatsBy = 'failing';
      await clock.advanceBy(3 * fenceMs);
      expect(faints).toHaveLength(round);
      const waited = pulse.untilBeating(stop.signal);
      beatsBy = 'arriving';
      await clock.advanceBy(beatMs);
      await waited;
      expect(pulse.isBeating).toBe(true);
    }
  });

  test('says goodbye when it is told to stop, and leaves nothing behind', async () => {
    await start();
    stop.abort();
    await beating;
    expect((await store.beats()).get(worker)).toMatchObject({ hasEnded: true });
    expect(clock.sleeping).toBe(0);
    expect(getEventListeners(stop.signal, 'abort')).toHaveLength(0);
  });

  test('lets nobody wait for a beat beyond their own signal', async () => {
    beatsBy = 'failing';
    await start();
    const own = new AbortController();
    const waited = pulse.untilBeating(own.signal);
    own.abort();
    await waited;
    expect(getEventListeners(own.signal, 'abort')).toHaveLength(0);
  });
});
