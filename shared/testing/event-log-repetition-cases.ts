import { beforeEach, describe, expect, test } from '@jest/globals';
import type { EncodedEvent } from '../ports/index.ts';
import { encodedEvent, encodedEvents, freshStream } from './encoded-events.ts';
import type { CurrentLog } from './event-log-following.ts';

/** Same ids at the same expected revision: what a retry after `unknown` relies on. Measured on EventStoreDB 23.10 and 24.6. */
export function eventLogRepetitionCases(log: CurrentLog): void {
  describe('repetition', () => {
    let stream: string;
    let first: EncodedEvent;
    let run: readonly EncodedEvent[];
    /** The stream: `first` at revision 0, `run` at 1 to 3. */
    beforeEach(async () => {
      stream = freshStream();
      first = encodedEvent();
      run = encodedEvents(3);
      await log().append(stream, 'no_stream', [first]);
      await log().append(stream, 0, run);
    });

    const ids = async () => (await log().readStream(stream)).map(({ eventId }) => eventId);
    const unchanged = () => [first, ...run].map(({ eventId }) => eventId);

    test('answers the original revision and writes nothing', async () => {
      expect(await log().append(stream, 0, run)).toEqual({ outcome: 'ok', revision: 3 });
      expect(await ids()).toEqual(unchanged());
      expect(await log().headPosition()).toBe(4n);
    });

    test('of the append that started the stream', async () => {
      expect(await log().append(stream, 'no_stream', [first])).toEqual({ outcome: 'ok', revision: 0 });
    });

    test('is known after later appends', async () => {
      await log().append(stream, 3, encodedEvents(5));
      expect(await log().append(stream, 0, run)).toEqual({ outcome: 'ok', revision: 3 });
    });

    test('with another body keeps the old one', async () => {
      const rewritten = run.map((event) => ({ ...event, data: '"another"' }));
      expect(await log().append(stream, 0, rewritten)).toEqual({ outcome: 'ok', revision: 3 });
      expect((await log().readStream(stream, { fromRevision: 1 })).map(({ data }) => data)).toEqual(
        run.map(({ data }) => data),
      );
    });

    test('of a prefix', async () => {
      expect(await log().append(stream, 0, run.slice(0, 2))).toEqual({ outcome: 'ok', revision: 2 });
    });

    test('of a run in the middle, at its own revision', async () => {
      expect(await log().append(stream, 1, run.slice(1, 2))).toEqual({ outcome: 'ok', revision: 2 });
    });

    test('of a run over two appends', async () => {
      expect(await log().append(stream, 'no_stream', [first, ...run])).toEqual({ outcome: 'ok', revision: 3 });
    });

    test('with more ids than are there conflicts', async () => {
      const outcome = await log().append(stream, 0, [...run, encodedEvent()]);
      expect(outcome).toEqual({ outcome: 'conflict', actualRevision: 3 });
      expect(await ids()).toEqual(unchanged());
    });

    test('in another order conflicts', async () => {
      expect(await log().append(stream, 0, run.toReversed())).toEqual({ outcome: 'conflict', actualRevision: 3 });
    });

    test('at another revision conflicts', async () => {
      expect(await log().append(stream, 1, run.slice(0, 1))).toEqual({ outcome: 'conflict', actualRevision: 3 });
    });

    test('at the newest revision is a new append', async () => {
      expect(await log().append(stream, 3, run)).toEqual({ outcome: 'ok', revision: 6 });
    });

    test('in another stream is a new append', async () => {
      expect(await log().append(freshStream(), 'no_stream', [first])).toEqual({ outcome: 'ok', revision: 0 });
    });

    test('at the same time as the original writes once', async () => {
      const events = encodedEvents(2);
      const outcomes = await Promise.all([log().append(stream, 3, events), log().append(stream, 3, events)]);
      expect(outcomes).toEqual([
        { outcome: 'ok', revision: 5 },
        { outcome: 'ok', revision: 5 },
      ]);
      expect(await ids()).toHaveLength(6);
    });
  });
}
