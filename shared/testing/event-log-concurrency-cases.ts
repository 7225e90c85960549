import { describe, expect, test } from '@jest/globals';
import type { AppendOutcome } from '../ports/index.ts';
import { encodedEvent, encodedEvents, freshStream } from './encoded-events.ts';
import type { CurrentLog } from './event-log-following.ts';
import { eventsThrough } from './event-log-following.ts';

const countOf = (outcomes: readonly AppendOutcome[], outcome: AppendOutcome['outcome']) =>
  outcomes.filter((one) => one.outcome === outcome).length;

/** Appends made at the same time. */
export function eventLogConcurrencyCases(log: CurrentLog): void {
  describe('concurrent appends', () => {
    test('at the same revision: exactly one succeeds, the other learns where the stream stands', async () => {
      const stream = freshStream();
      const outcomes = await Promise.all([
        log().append(stream, 'no_stream', encodedEvents(2)),
        log().append(stream, 'no_stream', encodedEvents(2)),
      ]);
      expect(outcomes).toContainEqual({ outcome: 'ok', revision: 1 });
      expect(outcomes).toContainEqual({ outcome: 'conflict', actualRevision: 1 });
      expect(await log().readStream(stream)).toHaveLength(2);
    });

    test('to one stream, each expecting the one before it, all succeed', async () => {
      const stream = freshStream();
      const outcomes = await Promise.all([
        log().append(stream, 'no_stream', [encodedEvent()]),
        log().append(stream, 0, encodedEvents(2)),
        log().append(stream, 2, [encodedEvent()]),
      ]);
      expect(outcomes).toEqual([0, 2, 3].map((revision) => ({ outcome: 'ok', revision })));
    });

    test('that conflict, repeat and succeed each get their own outcome', async () => {
      const stream = freshStream();
      const old = encodedEvents(2);
      await log().append(stream, 'no_stream', old);
      const outcomes = await Promise.all([
        log().append(stream, 0, [encodedEvent()]),
        log().append(stream, 'no_stream', old),
        log().append(stream, 1, [encodedEvent()]),
        log().append(stream, 9, [encodedEvent()]),
        log().append(freshStream(), 0, [encodedEvent()]),
        log().append(freshStream(), 'no_stream', [encodedEvent()]),
      ]);
      expect(outcomes).toEqual([
        { outcome: 'conflict', actualRevision: 1 },
        { outcome: 'ok', revision: 1 },
        { outcome: 'ok', revision: 2 },
        { outcome: 'conflict', actualRevision: 2 },
        { outcome: 'conflict', actualRevision: 'no_stream' },
        { outcome: 'ok', revision: 0 },
      ]);
    });

    test('200 over 20 streams: positions rise without gaps, revisions too, and each append stands together', async () => {
      const streams = Array.from({ length: 20 }, freshStream);
      const heads = new Map<string, number>();
      const appends = Array.from({ length: 200 }, (_, index) => {
        const stream = streams[index % streams.length] ?? '';
        const expected = heads.get(stream) ?? -1;
        const events = encodedEvents(1 + (index % 3));
        heads.set(stream, expected + events.length);
        return { stream, expected: expected < 0 ? ('no_stream' as const) : expected, events };
      });
      const outcomes = await Promise.all(
        appends.map(({ stream, expected, events }) => log().append(stream, expected, events)),
      );
      expect(countOf(outcomes, 'ok')).toBe(200);

      const recorded = await eventsThrough(log(), await log().headPosition());
      expect(recorded.map(({ position }) => position)).toEqual(recorded.map((_, index) => BigInt(index + 1)));
      for (const stream of streams) {
        const own = recorded.filter((event) => event.stream === stream);
        expect(own.map(({ revision }) => revision)).toEqual(own.map((_, index) => index));
        expect(own.map(({ eventId }) => eventId)).toEqual(
          appends
            .filter((append) => append.stream === stream)
            .flatMap(({ events }) => events.map(({ eventId }) => eventId)),
        );
      }
    });

    test('30 writers of one stream that decide again after a conflict all get in', async () => {
      const stream = freshStream();
      const write = async () => {
        let expected: number | 'no_stream' = 'no_stream';
        for (;;) {
          const outcome: AppendOutcome = await log().append(stream, expected, [encodedEvent()]);
          if (outcome.outcome !== 'conflict') return outcome;
          expected = outcome.actualRevision;
        }
      };
      const outcomes = await Promise.all(Array.from({ length: 30 }, write));
      expect(countOf(outcomes, 'ok')).toBe(30);
      expect((await log().readStream(stream)).map(({ revision }) => revision)).toEqual(
        Array.from({ length: 30 }, (_, index) => index),
      );
    });
  });
}
