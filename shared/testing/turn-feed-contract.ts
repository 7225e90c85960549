import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { FeedMessage, TurnFeed } from '../ports/index.ts';
import { Arrivals } from './arrivals.ts';

/** A feed with nothing in it. */
export interface FeedUnderTest {
  readonly feed: TurnFeed;
  close(): Promise<void>;
}

const PER_ATTEMPT = 1_000_000;
const END_ID = 1_000_000_000;

export const feedStarted = (attempt = 1): FeedMessage => ({
  id: attempt * PER_ATTEMPT,
  kind: 'started',
  payload: 'some-model',
});
export const feedDelta = (number: number, payload = `text ${number}`, attempt = 1): FeedMessage => ({
  id: attempt * PER_ATTEMPT + number,
  kind: 'delta',
  payload,
});
export const feedEnded: FeedMessage = { id: END_ID, kind: 'ended', payload: '' };

/** The rules of the TurnFeed port, for every adapter; how long it keeps what is its own matter. */
export function turnFeedContract(adapter: string, open: () => Promise<FeedUnderTest>): void {
  describe(`TurnFeed: ${adapter}`, () => {
    let opened: FeedUnderTest;
    let stop: AbortController;

    const publish = async (turnId: string, ...messages: readonly FeedMessage[]): Promise<void> => {
      for (const message of messages) await opened.feed.publish(turnId, message);
    };
    const collect = async (read: AsyncIterable<FeedMessage>): Promise<readonly FeedMessage[]> => {
      const messages: FeedMessage[] = [];
      for await (const message of read) messages.push(message);
      return messages;
    };
    const readAll = (turnId: string, after = 0) => collect(opened.feed.read(turnId, { after, signal: stop.signal }));
    const readKept = (turnId: string, after = 0) =>
      collect(opened.feed.read(turnId, { after, signal: stop.signal, follow: false }));
    /** Reads in the background until the ending or the end of the test. */
    const follow = (turnId: string, after = 0): Arrivals<FeedMessage> => {
      const arrivals = new Arrivals<FeedMessage>();
      const { signal } = stop;
      void (async () => {
        for await (const message of opened.feed.read(turnId, { after, signal })) arrivals.add(message);
      })();
      return arrivals;
    };

    beforeEach(async () => {
      stop = new AbortController();
      opened = await open();
    });
    afterEach(async () => {
      stop.abort();
      await opened.close();
    });

    test('a late reader gets everything kept, in order, to the ending', async () => {
      const messages = [feedStarted(), feedDelta(1), feedDelta(2), feedEnded];
      await publish('turn', ...messages);
      expect(await readAll('turn')).toEqual(messages);
    });

    test('a reader gets live messages as they come', async () => {
      await publish('turn', feedStarted());
      const reader = follow('turn');
      expect(await reader.until(1)).toEqual([feedStarted()]);
      await publish('turn', feedDelta(1));
      expect((await reader.until(2)).at(-1)).toEqual(feedDelta(1));
      await publish('turn', feedEnded);
      expect((await reader.until(3)).at(-1)).toEqual(feedEnded);
    });

    test('a reader of an unknown turn waits for it', async () => {
      const reader = follow('turn');
      await publish('another turn', feedStarted());
      await publish('turn', feedStarted());
      expect(await reader.until(1)).toEqual([feedStarted()]);
    });

    test('reading starts after the id that the reader names', async () => {
      await publish('turn', feedStarted(), feedDelta(1), feedDelta(2), feedEnded);
      expect(await readAll('turn', feedDelta(1).id)).toEqual([feedDelta(2), feedEnded]);
    });

    test('a reader that has had the ending gets nothing, and ends', async () => {
      await publish('turn', feedStarted(), feedEnded);
      expect(await readAll('turn', END_ID)).toEqual([]);
    });

    test('a message that repeats an id is dropped', async () => {
      await publish('turn', feedStarted(), feedDelta(1, 'first'), feedDelta(1, 'again'), feedEnded);
      expect(await readAll('turn')).toEqual([feedStarted(), feedDelta(1, 'first'), feedEnded]);
    });

    test('a worker that lost its claim is fenced: lower ids are dropped', async () => {
      await publish(
        'turn',
        feedStarted(1),
        feedDelta(1),
        feedStarted(2),
        feedDelta(2),
        feedDelta(1, 'new', 2),
        feedEnded,
      );
      expect(await readAll('turn')).toEqual([
        feedStarted(1),
        feedDelta(1),
        feedStarted(2),
        feedDelta(1, 'new', 2),
        feedEnded,
      ]);
    });

    test('nothing comes after the ending', async () => {
      await publish('turn', feedStarted(), feedEnded, feedDelta(1), feedEnded);
      expect(await readAll('turn')).toEqual([feedStarted(), feedEnded]);
    });

    test('an ending alone is a feed: a turn may end before it started', async () => {
      await publish('turn', feedEnded);
      expect(await readAll('turn')).toEqual([feedEnded]);
    });

    test('a gap in the ids stays a gap', async () => {
      await publish('turn', feedStarted(), feedDelta(1), feedDelta(5), feedEnded);
      expect((await readAll('turn')).map(({ id }) => id)).toEqual([1_000_000, 1_000_001, 1_000_005, END_ID]);
    });

    test('a reader that does not follow ends after the kept messages, also of an unknown turn', async () => {
      await publish('turn', feedStarted(), feedDelta(1));
      expect(await readKept('turn')).toEqual([feedStarted(), feedDelta(1)]);
      expect(await readKept('turn', feedDelta(1).id)).toEqual([]);
      expect(await readKept('another turn')).toEqual([]);
    });

    test('payloads come back unchanged', async () => {
      const payload = JSON.stringify({ text: 'ß 龍 🐉 \u2028 \\ " \n' });
      await publish('turn', feedDelta(1, payload), feedEnded);
      expect(await readAll('turn')).toEqual([feedDelta(1, payload), feedEnded]);
    });

    test("a session's hints come without an ending: kept ones that are new to a reader, then live ones; late ones are dropped", async () => {
      const hint = (revision: number): FeedMessage => ({ id: revision + 1, kind: 'started', payload: '' });
      await publish('session', hint(1), hint(4), hint(2), hint(9));
      const reader = follow('session', hint(1).id);
      expect(await reader.until(2)).toEqual([hint(4), hint(9)]);
      await publish('session', hint(12));
      expect((await reader.until(3)).at(-1)).toEqual(hint(12));
    });

    test('turns do not mix', async () => {
      await publish('one', feedStarted(), feedDelta(1, 'of one'));
      await publish('two', feedStarted(), feedDelta(1, 'of two'));
      await publish('one', feedEnded);
      expect(await readAll('one')).toEqual([feedStarted(), feedDelta(1, 'of one'), feedEnded]);
    });

    test('two readers get everything, each at its own pace', async () => {
      const slow = opened.feed.read('turn', { after: 0, signal: stop.signal })[Symbol.asyncIterator]();
      const first = slow.next();
      const quick = follow('turn');
      const deltas = Array.from({ length: 200 }, (_, index) => feedDelta(index + 1));
      await publish('turn', feedStarted(), ...deltas, feedEnded);
      expect(await quick.until(202)).toHaveLength(202);
      expect(await first).toEqual({ done: false, value: feedStarted() });
      const rest: FeedMessage[] = [];
      for (let next = await slow.next(); !next.done; next = await slow.next()) rest.push(next.value);
      expect(rest).toEqual([...deltas, feedEnded]);
    });

    test('the abort ends a reader that waits', async () => {
      await publish('turn', feedStarted());
      const reader = opened.feed.read('turn', { after: 0, signal: stop.signal })[Symbol.asyncIterator]();
      await reader.next();
      const waiting = reader.next();
      stop.abort();
      expect(await waiting).toEqual({ done: true, value: undefined });
    });

    test('a signal that has aborted already reads nothing', async () => {
      await publish('turn', feedStarted(), feedEnded);
      stop.abort();
      expect(await readAll('turn')).toEqual([]);
    });
  });
}
