import { describe, expect, test } from '@jest/globals';
import { limits } from '../../contracts/index.ts';
import { type ConsumerView, StallWatch } from './stall-watch.ts';

const { stalledAfterMs, stalledBusyMs } = limits.kafka;
const still: ConsumerView = { nowMs: 0, lag: 3, moved: 7, isBusy: false };

/** What the watch says at the last of some moments. */
const lastOf = (...views: readonly Partial<ConsumerView>[]): number | undefined => {
  const watch = new StallWatch();
  return views.map((view) => watch.look({ ...still, ...view })).at(-1);
};

describe('StallWatch', () => {
  test('tells of messages that wait while nothing moves', () => {
    expect(lastOf({}, { nowMs: stalledAfterMs - 1 })).toBeUndefined();
    expect(lastOf({}, { nowMs: stalledAfterMs })).toBe(stalledAfterMs);
  });

  test('says nothing while something moves', () => {
    expect(lastOf({}, { nowMs: stalledAfterMs - 1, moved: 8 }, { nowMs: stalledAfterMs, moved: 8 })).toBeUndefined();
  });

  test('counts from the last moment at which nothing waited, or the broker did not say', () => {
    expect(lastOf({}, { nowMs: stalledAfterMs, lag: 0 }, { nowMs: stalledAfterMs + 1 })).toBeUndefined();
  });

  test('has patience with long turns that take all slots', () => {
    expect(lastOf({}, { nowMs: stalledBusyMs - 1, isBusy: true })).toBeUndefined();
    expect(lastOf({}, { nowMs: stalledBusyMs, isBusy: true })).toBe(stalledBusyMs);
  });
});
