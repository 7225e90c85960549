import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { limits } from '../../contracts/index.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import { createHopBoard, type HopBoard } from './hop-board.ts';
import { watchLoopLag } from './watch-loop-lag.ts';

const { loopCheckMs, maxLoopLagMs, loopLagShownMs, waitingLogMs } = limits.process;

let clock: ManualClock;
let board: HopBoard;
let warned: object[];
let stop: AbortController;
let watching: Promise<void>;
/** How long the loop stands still before the next timer is run. */
let stallMs: number;

beforeEach(() => {
  clock = new ManualClock();
  board = createHopBoard(clock, []);
  [warned, stallMs] = [[], 0];
  stop = new AbortController();
  const late = {
    monotonicMs: () => clock.monotonicMs(),
    sleep: (ms: number, signal?: AbortSignal) => clock.sleep(ms + stallMs, signal),
  };
  watching = watchLoopLag({ clock: late, log: { warn: (facts) => warned.push(facts) }, board }, stop.signal);
});
afterEach(async () => {
  stop.abort();
  await watching;
  expect(clock.sleeping).toBe(0);
});

/** One round of the loop that takes so much longer than it should, and one that does not. */
async function stall(ms: number): Promise<void> {
  stallMs = ms;
  await clock.advanceBy(loopCheckMs);
  stallMs = 0;
  await clock.advanceBy(ms + loopCheckMs);
}
const hop = () => board.hops()[0];

describe('watchLoopLag', () => {
  test('a loop that keeps its time is ready', async () => {
    await clock.advanceBy(60_000);
    expect(hop()).toMatchObject({ name: 'event-loop', isReady: true, facts: { lagMs: 0 } });
    expect(warned).toEqual([]);
  });

  test('a busy second is named and is no fault', async () => {
    await stall(1_000);
    expect(hop()).toMatchObject({ isReady: true, facts: { lagMs: 1_000 } });
    expect(warned).toEqual([]);
  });

  test('one that stood still is not ready, says for how long, and is ready again a while after', async () => {
    await stall(maxLoopLagMs + 1);
    expect(hop()).toMatchObject({ isReady: false, facts: { lagMs: maxLoopLagMs + 1 } });
    expect(warned).toEqual([{ lagMs: maxLoopLagMs + 1 }]);
    await clock.advanceBy(loopLagShownMs + loopCheckMs);
    expect(hop()).toMatchObject({ isReady: true, facts: { lagMs: 0 } });
  });

  test('shows the worst of late, and each time anew', async () => {
    await stall(9_000);
    await stall(3_000);
    expect(hop()?.facts).toEqual({ lagMs: 9_000 });
    await clock.advanceBy(loopLagShownMs);
    await stall(3_000);
    expect(hop()).toMatchObject({ isReady: false, facts: { lagMs: 3_000 } });
  });

  test('says so in the log once in ten seconds', async () => {
    for (let times = 0; times < 4; times += 1) await stall(maxLoopLagMs + 1);
    expect(warned).toHaveLength(1);
    await clock.advanceBy(waitingLogMs);
    await stall(maxLoopLagMs + 1);
    expect(warned).toHaveLength(2);
  });
});
