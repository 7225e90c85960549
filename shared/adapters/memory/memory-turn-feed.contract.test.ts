import { describe, expect, test } from '@jest/globals';
import type { FeedMessage } from '../../ports/index.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import { feedDelta, feedEnded, feedStarted, turnFeedContract } from '../../testing/turn-feed-contract.ts';
import { type FeedBounds, MemoryTurnFeed } from './memory-turn-feed.ts';

const openFeed = (bounds: Partial<FeedBounds> = {}) => {
  const clock = new ManualClock();
  const defaults = { keepAfterEndMs: 60_000, keepIdleMs: 360_000, maxBytes: 1_000_000, maxBytesPerTurn: 100_000 };
  const feed = new MemoryTurnFeed({ clock, bounds: { ...defaults, ...bounds } });
  const publish = async (turnId: string, ...messages: readonly FeedMessage[]) => {
    for (const message of messages) await feed.publish(turnId, message);
  };
  /** What is kept of a turn now; a turn that is not kept reads as empty. */
  const kept = async (turnId: string): Promise<readonly FeedMessage[]> => {
    const messages: FeedMessage[] = [];
    const { signal } = new AbortController();
    for await (const message of feed.read(turnId, { after: 0, signal, follow: false })) messages.push(message);
    return messages;
  };
  return { clock, feed, publish, kept };
};

turnFeedContract('memory', async () => ({
  feed: new MemoryTurnFeed({ clock: new ManualClock() }),
  close: async () => {},
}));

describe('MemoryTurnFeed', () => {
  const text = 'x'.repeat(1_000);

  test('an ended turn is kept for `keepAfterEndMs`, then dropped', async () => {
    const { clock, feed, publish, kept } = openFeed();
    await publish('turn', feedStarted(), feedEnded);
    await clock.advanceBy(59_999);
    expect(await kept('turn')).toEqual([feedStarted(), feedEnded]);
    await clock.advanceBy(1);
    expect(await kept('turn')).toEqual([]);
    expect(feed.keptBytes).toBe(0);
  });

  test('an open turn outlives ended ones and goes after `keepIdleMs` without news', async () => {
    const { clock, publish, kept } = openFeed();
    await publish('turn', feedStarted());
    await clock.advanceBy(359_999);
    await publish('turn', feedDelta(1));
    await clock.advanceBy(359_999);
    expect(await kept('turn')).toHaveLength(2);
    await clock.advanceBy(1);
    expect(await kept('turn')).toEqual([]);
  });

  test('past `maxBytesPerTurn` deltas are dropped, a later small one too, and the ending passes', async () => {
    const { publish, kept } = openFeed({ maxBytesPerTurn: 2_500 });
    await publish(
      'turn',
      feedStarted(),
      feedDelta(1, text),
      feedDelta(2, text),
      feedDelta(3, text),
      feedDelta(4, ''),
      feedEnded,
    );
    expect((await kept('turn')).map(({ id }) => id)).toEqual([1_000_000, 1_000_001, 1_000_002, 1_000_000_000]);
  });

  test("an id above the ending's is dropped like any other after it", async () => {
    const { publish, kept } = openFeed();
    await publish('turn', feedEnded, { ...feedDelta(1), id: feedEnded.id + 1 });
    expect(await kept('turn')).toEqual([feedEnded]);
  });

  test('a dropped delta still fences: its id cannot come again', async () => {
    const { publish, kept } = openFeed({ maxBytesPerTurn: 1_000 });
    await publish('turn', feedDelta(2, text), { ...feedStarted(), id: feedDelta(1).id }, feedEnded);
    expect(await kept('turn')).toEqual([feedEnded]);
  });

  test('for want of room the ended turn that ended first goes first', async () => {
    const { publish, kept } = openFeed({ maxBytes: 4_000 });
    await publish('open', feedDelta(1, text));
    await publish('ended second', feedDelta(1, text));
    await publish('ended first', feedDelta(1, text), feedEnded);
    await publish('ended second', feedEnded);
    await publish('new', feedDelta(1, text));
    expect(await kept('ended first')).toEqual([]);
    expect(await kept('ended second')).toHaveLength(2);
    expect(await kept('open')).toHaveLength(1);
  });

  test('with no ended turn left, the open one longest without news goes', async () => {
    const { feed, publish, kept } = openFeed({ maxBytes: 3_500 });
    await publish('one', feedDelta(1, text));
    await publish('two', feedDelta(1, text));
    await publish('one', feedDelta(2, ''));
    await publish('three', feedDelta(1, text));
    await publish('four', feedDelta(1, text));
    expect(await kept('two')).toEqual([]);
    expect(await kept('one')).toHaveLength(2);
    expect(feed.keptBytes).toBeLessThanOrEqual(3_500);
  });

  test('a reader whose turn was dropped skips the gap and still gets the ending', async () => {
    const { publish, feed } = openFeed({ maxBytes: 2_500 });
    const stop = new AbortController();
    const reader = feed.read('turn', { after: 0, signal: stop.signal })[Symbol.asyncIterator]();
    await publish('turn', feedDelta(1, text), feedDelta(2, text));
    expect((await reader.next()).value).toEqual(feedDelta(1, text));
    await publish('another', feedDelta(1, text), feedDelta(2, text));
    await publish('turn', feedEnded);
    expect((await reader.next()).value).toEqual(feedEnded);
    stop.abort();
  });

  test('readers that stop leave nothing behind', async () => {
    const { feed } = openFeed();
    const stops = Array.from({ length: 50 }, () => new AbortController());
    const readers = stops.map(({ signal }) => feed.read('turn', { after: 0, signal })[Symbol.asyncIterator]());
    const waiting = readers.map((reader) => reader.next());
    await Promise.resolve();
    expect(feed.waitingReaders).toBe(50);
    for (const stop of stops) stop.abort();
    await Promise.all(waiting);
    expect(feed.waitingReaders).toBe(0);
  });
});
