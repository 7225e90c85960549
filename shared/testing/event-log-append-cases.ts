import { describe, expect, test } from '@jest/globals';
import { encodedEvent, encodedEvents, freshStream } from './encoded-events.ts';
import type { CurrentLog } from './event-log-following.ts';

/** What an append to a stream at, before or past its expected revision answers, and what it leaves. */
export function eventLogAppendCases(log: CurrentLog): void {
  describe('append', () => {
    test('starts a stream at revision 0', async () => {
      expect(await log().append(freshStream(), 'no_stream', [encodedEvent()])).toEqual({ outcome: 'ok', revision: 0 });
    });

    test('continues a stream and answers the revision of its last event', async () => {
      const stream = freshStream();
      await log().append(stream, 'no_stream', encodedEvents(2));
      expect(await log().append(stream, 1, encodedEvents(3))).toEqual({ outcome: 'ok', revision: 4 });
    });

    test('conflicts where the stream stands further on, and says where', async () => {
      const stream = freshStream();
      await log().append(stream, 'no_stream', encodedEvents(3));
      expect(await log().append(stream, 1, [encodedEvent()])).toEqual({ outcome: 'conflict', actualRevision: 2 });
    });

    test.each([7, 2_000_000_000])('conflicts where the stream does not reach: %p', async (expected) => {
      const stream = freshStream();
      await log().append(stream, 'no_stream', [encodedEvent()]);
      expect(await log().append(stream, expected, [encodedEvent()])).toEqual({
        outcome: 'conflict',
        actualRevision: 0,
      });
    });

    test('conflicts where the stream was expected not to exist', async () => {
      const stream = freshStream();
      await log().append(stream, 'no_stream', [encodedEvent()]);
      expect(await log().append(stream, 'no_stream', [encodedEvent()])).toEqual({
        outcome: 'conflict',
        actualRevision: 0,
      });
    });

    test('conflicts where the stream does not exist', async () => {
      const outcome = await log().append(freshStream(), 0, [encodedEvent()]);
      expect(outcome).toEqual({ outcome: 'conflict', actualRevision: 'no_stream' });
    });

    test('writes nothing of an append that conflicts', async () => {
      const stream = freshStream();
      await log().append(stream, 'no_stream', [encodedEvent()]);
      await log().append(stream, 3, encodedEvents(5));
      expect(await log().readStream(stream)).toHaveLength(1);
      expect(await log().headPosition()).toBe(1n);
    });

    test('takes 100 events and 1 MiB of data', async () => {
      const stream = freshStream();
      const hundred = encodedEvents(100);
      expect(await log().append(stream, 'no_stream', hundred)).toEqual({ outcome: 'ok', revision: 99 });
      const mebibyte = encodedEvent({ data: `"${'x'.repeat(1_048_574)}"` });
      expect(await log().append(stream, 99, [mebibyte])).toEqual({ outcome: 'ok', revision: 100 });
    });

    test('takes a stream name of 255 characters', async () => {
      expect(await log().append('s'.repeat(255), 'no_stream', [encodedEvent()])).toMatchObject({ outcome: 'ok' });
    });

    test.each([
      ['text beyond ASCII', '{"text":"Olá, 世界 🎭 \u2028 é"}'],
      ['numbers as they were written', '{"a":1.0,"b":1e3,"c":-0,"d":12345678901234567890}'],
      ['the order of keys, and keys twice', '{"b":1,"a":2,"b":3}'],
      ['spaces and line ends', ' {\n\t"a" :  1 }\r\n'],
      ['escapes', '{"a":"\\u0000\\ud800\\/\\\\","b":"{\\"x\\"}"}'],
      ['what looks like an array or NULL of SQL', '{NULL,"a,b",\'{}\'}'],
    ])('gives the data back byte for byte: %s', async (_, data) => {
      const stream = freshStream();
      await log().append(stream, 'no_stream', [encodedEvent({ data }), encodedEvent({ data: 'NULL' })]);
      expect((await log().readStream(stream)).map((event) => event.data)).toEqual([data, 'NULL']);
    });

    test('gives id, type and metadata back as they were', async () => {
      const stream = freshStream();
      const event = encodedEvent({ type: 'Grüße "NULL" \\', metadata: { z: '', a: '世界', actor: 'system:{worker}' } });
      await log().append(stream, 'no_stream', [event]);
      expect(await log().readHead(stream)).toMatchObject({ ...event, stream, revision: 0 });
    });
  });
}
