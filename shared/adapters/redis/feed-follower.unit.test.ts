import { describe, expect, test } from '@jest/globals';
import { limits } from '../../contracts/index.ts';
import type { FeedMessage } from '../../ports/index.ts';
import { feedDelta } from '../../testing/turn-feed-contract.ts';
import { FeedFollower } from './feed-follower.ts';

const deltas = (from: number, count: number, payload = 'text') =>
  Array.from({ length: count }, (_, index) => feedDelta(from + index, payload));

const takeAll = (follower: FeedFollower): readonly FeedMessage[] => {
  const taken: FeedMessage[] = [];
  for (let next = follower.take(); next; next = follower.take()) taken.push(next);
  return taken;
};

describe('FeedFollower', () => {
  test('takes what is new to it, once', () => {
    const follower = new FeedFollower('turn', feedDelta(2).id);
    follower.give(deltas(1, 4), 0);
    follower.give(deltas(1, 5), 0);
    expect(takeAll(follower)).toEqual(deltas(3, 3));
    expect(follower.newestId).toBe(feedDelta(5).id);
  });

  test('leaves out what comes after messages that it lacks: they are read for it first', () => {
    const follower = new FeedFollower('turn', 0);
    follower.give(deltas(3, 2), feedDelta(2).id);
    expect(takeAll(follower)).toEqual([]);
    follower.give(deltas(1, 4), 0);
    expect(takeAll(follower)).toEqual(deltas(1, 4));
  });

  test.each([
    ['messages', limits.redis.maxWaitingMessages, 'text'],
    ['bytes', 8, 'x'.repeat(limits.redis.maxWaitingBytes / 8)],
  ])('that has enough %s gets no more until it has taken all of them', (_what, count, payload) => {
    const follower = new FeedFollower('turn', 0);
    const first = deltas(1, count, payload);
    follower.give(first, 0);
    const more = deltas(count + 1, 1);
    follower.give(more, 0);
    follower.take();
    follower.give(more, 0);
    expect(follower.isFull).toBe(true);
    expect(takeAll(follower)).toEqual(first.slice(1));
    expect(follower.isFull).toBe(false);
    follower.give(more, 0);
    expect(takeAll(follower)).toEqual(more);
  });

  test('waits until something comes, or nothing will any more', async () => {
    const follower = new FeedFollower('turn', 0);
    const first = follower.arrived();
    follower.give(deltas(1, 1), 0);
    await first;
    await follower.arrived();
    follower.take();
    const second = follower.arrived();
    follower.end();
    await second;
    await follower.arrived();
    follower.give(deltas(2, 1), 0);
    expect(takeAll(follower)).toEqual([]);
  });
});
