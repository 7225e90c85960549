import { describe, expect, test } from '@jest/globals';
import type { EncodedEvent, ExpectedRevision } from '../ports/index.ts';
import { encodedEvent, encodedEvents, freshStream } from './encoded-events.ts';
import type { CurrentLog } from './event-log-following.ts';

const halfPlusOne = () => encodedEvent({ data: `"${'é'.repeat(262_144)}"` });

/** Appends that can never succeed. */
export function eventLogRejectionCases(log: CurrentLog): void {
  describe('rejection', () => {
    const rejectsWithoutTrace = async (
      reason: string,
      stream: string,
      events: readonly EncodedEvent[],
      expected: ExpectedRevision = 'no_stream',
    ) => {
      expect(await log().append(stream, expected, events)).toEqual({ outcome: 'rejected', reason });
      expect(await log().headPosition()).toBe(0n);
    };

    test('of an append without events', () => rejectsWithoutTrace('empty', freshStream(), []));

    test('of 101 events', () => rejectsWithoutTrace('too_many_events', freshStream(), encodedEvents(101)));

    test('of more than 1 MiB of data, counted in UTF-8 over all events', () =>
      rejectsWithoutTrace('too_large', freshStream(), [halfPlusOne(), halfPlusOne()]));

    test.each([
      ['empty', ''],
      ['of 256 characters', 's'.repeat(256)],
      ['with a NUL', 'session-\u0000'],
      ['with a lone surrogate', 'session-\ud83c'],
    ])('of a stream name %s', (_, stream) => rejectsWithoutTrace('malformed', stream, [encodedEvent()]));

    test.each([
      ['that is no UUID', 'not-a-uuid'],
      ['in capitals, which a log would give back in small letters', '0192F0C1-0000-7000-8000-00000000000A'],
    ])('of an event id %s', (_, eventId) =>
      rejectsWithoutTrace('malformed', freshStream(), [encodedEvent({ eventId })]),
    );

    test.each([
      ['an empty type', { type: '' }],
      ['a NUL in the type', { type: 'Turn\u0000Requested' }],
      ['a NUL in the data', { data: '"\u0000"' }],
      ['a lone surrogate in the data', { data: '"\udc00"' }],
      ['a NUL in the metadata', { metadata: { actor: '\u0000' } }],
      ['a lone surrogate in the metadata', { metadata: { actor: '\udc00' } }],
    ])('of %s', (_, special) => rejectsWithoutTrace('malformed', freshStream(), [encodedEvent(special)]));

    test.each([-1, 0.5, Number.NaN, 2_000_000_001])('of the expected revision %p', (expected) =>
      rejectsWithoutTrace('malformed', freshStream(), [encodedEvent()], expected),
    );

    test('of one event writes none of its append', () =>
      rejectsWithoutTrace('malformed', freshStream(), [
        encodedEvent(),
        encodedEvent({ type: '\u0000' }),
        encodedEvent(),
      ]));

    test('of one append leaves those made at the same time alone', async () => {
      const streams = Array.from({ length: 9 }, freshStream);
      const outcomes = await Promise.all(
        streams.map((stream, index) =>
          log().append(stream, 'no_stream', [encodedEvent(index === 4 ? { type: '\u0000' } : {})]),
        ),
      );
      const expected = streams.map((_, index) =>
        index === 4 ? { outcome: 'rejected', reason: 'malformed' } : { outcome: 'ok', revision: 0 },
      );
      expect(outcomes).toEqual(expected);
      expect(await log().headPosition()).toBe(8n);
    });
  });
}
