import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { limits } from '../../contracts/index.ts';
import { Arrivals } from '../../testing/arrivals.ts';
import { type FreshTopics, freshTopics } from '../../testing/fresh-topics.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import { type StallFacts, type WatchedConsumer, watchProgress } from './watch-progress.ts';

const { watchIntervalMs, stalledAfterMs, stalledBusyMs } = limits.kafka;

describe('watchProgress', () => {
  let topics: FreshTopics;
  let stop: AbortController;

  beforeEach(async () => {
    stop = new AbortController();
    topics = await freshTopics();
    await topics.admin.createTopics({ topics: [{ topic: topics.names.requested, numPartitions: 2 }] });
    await topics.write(
      topics.names.requested,
      [1, 2, 3].map((number) => ({ partition: 0, value: String(number) })),
    );
  });
  afterEach(async () => {
    stop.abort();
    await topics.drop();
  });

  /** Looks for two minutes of the watchdog's time, or as long as that; what it said. */
  async function watched(consumer: WatchedConsumer, forMs = 2 * stalledAfterMs) {
    const clock = new ManualClock();
    const stalls: StallFacts[] = [];
    const lags = new Arrivals<number | undefined>();
    void watchProgress(
      {
        admin: topics.admin,
        clock,
        topic: topics.names.requested,
        groupId: topics.names.workers,
        consumer,
        onStalled: (facts) => stalls.push(facts),
        onLag: (lag) => lags.add(lag),
      },
      stop.signal,
    );
    for (let look = 1; look * watchIntervalMs <= forMs && stalls.length === 0; look += 1) {
      await clock.advanceBy(watchIntervalMs);
      await lags.until(look);
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    return { stalls, lags: lags.all };
  }

  test('tells of a consumer that stands still before messages of its own', async () => {
    const { stalls } = await watched({ moved: 0, isPaused: false, isJoined: true, positions: () => new Map([[0, 1]]) });
    expect(stalls).toEqual([{ lag: 2, stillMs: stalledAfterMs, isJoined: true }]);
  });

  test('tells of one that does not get into the group', async () => {
    const { stalls } = await watched({ moved: 0, isPaused: false, isJoined: false, positions: () => new Map() });
    expect(stalls).toEqual([{ lag: 3, stillMs: stalledAfterMs, isJoined: false }]);
  });

  test('has patience with long turns that take all slots', async () => {
    const paused = { moved: 0, isPaused: true, isJoined: true, positions: () => new Map([[0, 1]]) };
    expect((await watched(paused, stalledBusyMs)).stalls).toEqual([]);
    const { stalls } = await watched(paused, 2 * stalledBusyMs);
    expect(stalls).toEqual([{ lag: 2, stillMs: stalledBusyMs, isJoined: true }]);
  });

  test('says nothing of messages that are not its own', async () => {
    const { stalls, lags } = await watched({
      moved: 0,
      isPaused: false,
      isJoined: true,
      positions: () => new Map([[1, undefined]]),
    });
    expect([stalls, new Set(lags)]).toEqual([[], new Set([0])]);
  });
});
