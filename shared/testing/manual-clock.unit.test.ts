import { describe, expect, test } from '@jest/globals';
import { ManualClock } from './manual-clock.ts';

describe('ManualClock', () => {
  test('stands still until it is moved, then moves both clocks', async () => {
    const clock = new ManualClock(1_000);
    expect([clock.nowMs(), clock.monotonicMs()]).toEqual([1_000, 0]);
    await clock.advanceBy(250);
    expect([clock.nowMs(), clock.monotonicMs()]).toEqual([1_250, 250]);
  });

  test('wakes sleepers in the order in which they are due, each at its time', async () => {
    const clock = new ManualClock();
    const woken: [string, number][] = [];
    const sleep = async (name: string, ms: number) => {
      await clock.sleep(ms);
      woken.push([name, clock.monotonicMs()]);
    };
    const sleeping = [sleep('late', 300), sleep('early', 100)];
    await clock.advanceBy(1_000);
    await Promise.all(sleeping);
    expect(woken).toEqual([
      ['early', 100],
      ['late', 300],
    ]);
  });

  test('who wakes may sleep again within the same span', async () => {
    const clock = new ManualClock();
    let rounds = 0;
    const looping = (async () => {
      for (; rounds < 5; rounds += 1) await clock.sleep(100);
    })();
    await clock.advanceBy(500);
    await looping;
    expect(rounds).toBe(5);
  });

  test('an abort wakes a sleeper early and leaves nothing behind', async () => {
    const clock = new ManualClock();
    const stop = new AbortController();
    const sleeping = clock.sleep(1_000, stop.signal);
    expect(clock.sleeping).toBe(1);
    stop.abort();
    await sleeping;
    expect([clock.sleeping, clock.monotonicMs()]).toEqual([0, 0]);
  });

  test('a jump of the wall clock wakes nobody', async () => {
    const clock = new ManualClock();
    const stop = new AbortController();
    const sleeping = clock.sleep(1_000, stop.signal);
    clock.jumpTo(0);
    await clock.advanceBy(999);
    expect([clock.sleeping, clock.nowMs()]).toEqual([1, 999]);
    stop.abort();
    await sleeping;
  });
});
