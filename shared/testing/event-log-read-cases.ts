import { describe, expect, test } from '@jest/globals';
import { encodedEvents, freshStream } from './encoded-events.ts';
import type { CurrentLog } from './event-log-following.ts';

/** Reads of one stream, and where the log stands. */
export function eventLogReadCases(log: CurrentLog): void {
  describe('read', () => {
    const streamOfTen = async () => {
      const stream = freshStream();
      await log().append(stream, 'no_stream', encodedEvents(10));
      return stream;
    };
    const revisions = async (
      stream: string,
      options?: { readonly fromRevision?: number; readonly maxCount?: number },
    ) => (await log().readStream(stream, options)).map(({ revision }) => revision);

    test('of a stream gives all its events in order', async () => {
      expect(await revisions(await streamOfTen())).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    });

    test('from a revision starts with it', async () => {
      expect(await revisions(await streamOfTen(), { fromRevision: 7 })).toEqual([7, 8, 9]);
    });

    test('from past the end gives nothing', async () => {
      expect(await revisions(await streamOfTen(), { fromRevision: 10 })).toEqual([]);
    });

    test('of at most so many events gives the first ones', async () => {
      expect(await revisions(await streamOfTen(), { fromRevision: 3, maxCount: 2 })).toEqual([3, 4]);
    });

    test('gives at most 4,096 events, whatever is asked', async () => {
      const stream = freshStream();
      for (let count = 0; count < 4_100; count += 100) {
        await log().append(stream, count === 0 ? 'no_stream' : count - 1, encodedEvents(100));
      }
      expect(await revisions(stream, { maxCount: 10_000 })).toHaveLength(4_096);
    });

    test('of an unknown stream is empty', async () => {
      expect(await log().readStream(freshStream())).toEqual([]);
      expect(await log().readHead(freshStream())).toBeUndefined();
    });

    test('of the head gives the newest event', async () => {
      expect(await log().readHead(await streamOfTen())).toMatchObject({ revision: 9, data: '{"number":9}' });
    });

    test('sees only its own stream', async () => {
      const stream = await streamOfTen();
      await streamOfTen();
      expect(await log().readStream(stream)).toHaveLength(10);
    });

    test('of the head position counts all events, from 0', async () => {
      expect(await log().headPosition()).toBe(0n);
      await streamOfTen();
      expect(await log().headPosition()).toBe(10n);
    });

    test('throws store_unavailable once the log is closed, and appends are unknown', async () => {
      const stream = await streamOfTen();
      await log().close();
      await expect(log().readStream(stream)).rejects.toMatchObject({ code: 'store_unavailable' });
      await expect(log().readHead(stream)).rejects.toMatchObject({ code: 'store_unavailable' });
      await expect(log().headPosition()).rejects.toMatchObject({ code: 'store_unavailable' });
      expect(await log().append(stream, 9, encodedEvents(1))).toMatchObject({ outcome: 'unknown' });
    });
  });
}
