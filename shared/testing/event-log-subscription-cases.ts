import { afterEach, describe, expect, test } from '@jest/globals';
import { encodedEvent, encodedEvents, freshStream } from './encoded-events.ts';
import type { CurrentLog } from './event-log-following.ts';
import { eventsThrough, type Following, follow } from './event-log-following.ts';

/** What a subscriber sees, live and in arrears. */
export function eventLogSubscriptionCases(log: CurrentLog): void {
  describe('subscription', () => {
    const followings: Following[] = [];
    const following = (after?: bigint) => {
      const one = follow(log(), after);
      followings.push(one);
      return one;
    };
    afterEach(async () => {
      await Promise.all(followings.splice(0).map((one) => one.stop()));
    });

    const write = (count: number) => log().append(freshStream(), 'no_stream', encodedEvents(count));
    const shape = (items: Following['items']['all']) =>
      items.map((item) => (item.kind === 'event' ? item.event.position : item.kind));

    test('of an empty log is caught up at 0', async () => {
      expect(await following().items.until(1)).toEqual([{ kind: 'caught_up', position: 0n }]);
    });

    test('from the start sees all events, then that it has caught up', async () => {
      await write(3);
      const items = await following().items.until(4);
      expect(shape(items)).toEqual([1n, 2n, 3n, 'caught_up']);
      expect(items.at(-1)).toEqual({ kind: 'caught_up', position: 3n });
    });

    test('from the middle starts after its position', async () => {
      await write(5);
      expect(shape(await following(3n).items.until(3))).toEqual([4n, 5n, 'caught_up']);
    });

    test('from the head is caught up at once', async () => {
      await write(5);
      expect(await following(5n).items.until(1)).toEqual([{ kind: 'caught_up', position: 5n }]);
    });

    test('shows an event as it was appended, with position and time of the log', async () => {
      const [stream, event] = [freshStream(), encodedEvent({ data: '{"a":1.0, "b":"世界"}' })];
      await log().append(stream, 'no_stream', [event]);
      const [recorded] = await following().events.until(1);
      expect(recorded).toEqual({ ...event, stream, revision: 0, position: 1n, loggedAtMs: expect.any(Number) });
      expect(recorded?.loggedAtMs).toBeGreaterThan(Date.UTC(2020, 0, 1));
    });

    test('shows the same event to one who reads it live and one who reads it later', async () => {
      const live = following();
      await live.caughtUps.until(1);
      await write(3);
      expect(await eventsThrough(log(), 3n)).toEqual(await live.events.until(3));
    });

    test('sees what is appended while it waits, and each time that it has caught up', async () => {
      const live = following();
      await live.caughtUps.until(1);
      await write(2);
      await live.caughtUps.until(2);
      await write(1);
      await live.caughtUps.until(3);
      expect(shape(live.items.all)).toEqual(['caught_up', 1n, 2n, 'caught_up', 3n, 'caught_up']);
    });

    test('catches up over several pages', async () => {
      for (let count = 0; count < 25; count += 1) await write(100);
      const positions = (await following().events.until(2_500)).map(({ position }) => position);
      expect(positions).toEqual(positions.map((_, index) => BigInt(index + 1)));
    });

    test('goes on where another one stopped, under concurrent writers, without skipping or repeating', async () => {
      const writers = Promise.all(
        Array.from({ length: 40 }, async () => {
          for (let count = 0; count < 5; count += 1) await write(1 + (count % 2));
        }),
      );
      const positions: bigint[] = [];
      while (positions.length < 280) {
        const part = follow(log(), positions.at(-1) ?? 0n);
        const events = await part.events.until(Math.min(37, 280 - positions.length));
        await part.stop();
        positions.push(...events.map(({ position }) => position));
      }
      await writers;
      expect(positions).toEqual(positions.map((_, index) => BigInt(index + 1)));
    });

    test('is the same for two subscribers', async () => {
      const [one, other] = [following(), following()];
      await Promise.all(Array.from({ length: 50 }, () => write(1)));
      expect(await one.events.until(50)).toEqual(await other.events.until(50));
    });

    test('waits for its reader: a slow one misses nothing', async () => {
      const stop = new AbortController();
      const reader = log().subscribe({ after: 0n, signal: stop.signal })[Symbol.asyncIterator]();
      expect((await reader.next()).value).toEqual({ kind: 'caught_up', position: 0n });
      for (let count = 0; count < 30; count += 1) await write(100);
      for (let position = 1n; position <= 3_000n; position += 1n) {
        expect((await reader.next()).value).toMatchObject({ kind: 'event', event: { position } });
      }
      stop.abort();
      expect((await reader.next()).done).toBe(true);
    });

    test('ends when its signal aborts, also while it waits', async () => {
      const live = following();
      await live.caughtUps.until(1);
      await expect(live.stop()).resolves.toBeUndefined();
    });

    test('that starts with an aborted signal shows nothing', async () => {
      await write(1);
      const items = [];
      for await (const item of log().subscribe({ after: 0n, signal: AbortSignal.abort() })) items.push(item);
      expect(items).toEqual([]);
    });

    test('ends when the log is closed', async () => {
      const live = following();
      await live.caughtUps.until(1);
      await log().close();
      await expect(live.stop()).resolves.toBeUndefined();
    });
  });
}
