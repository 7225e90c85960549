import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { SseParser } from './sse-parser.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const parse = (text: string, maxEventChars = 1_000) => new SseParser(maxEventChars).push(bytesOf(text));
const dataOf = (text: string) => parse(text).map(({ data }) => data);

/** Lines as a service, a proxy or an attacker may send them, with every line ending. */
const streams = fc
  .array(
    fc.tuple(
      fc.oneof(
        fc.constantFrom(
          '',
          'data',
          'data:',
          'data: ',
          ': keep-alive',
          'id: 7',
          'id',
          'event: reply.delta',
          'retry: 2000',
          '\u{feff}data: x',
        ),
        fc.string({ unit: 'grapheme', maxLength: 8 }).map((text) => `data: ${text.replaceAll(/[\r\n]/g, '')}`),
        fc.string({ unit: 'binary', maxLength: 4 }).map((text) => text.replaceAll(/[\r\n]/g, '')),
      ),
      fc.constantFrom('\n', '\r\n', '\r'),
    ),
    { maxLength: 20 },
  )
  .map((lines) => bytesOf(lines.flat().join('')));

describe('any chunking', () => {
  test('gives the same events', () => {
    fc.assert(
      fc.property(streams, fc.array(fc.nat(200), { maxLength: 12 }), (bytes, cuts) => {
        const whole = new SseParser(1_000);
        const cut = new SseParser(1_000);
        const expected = whole.push(bytes);
        const places = [0, ...cuts.map((place) => Math.min(place, bytes.length)), bytes.length].sort((a, b) => a - b);
        const got = places.flatMap((place, index) =>
          cut.push(bytes.subarray(place, places[index + 1] ?? bytes.length)),
        );
        expect(got).toEqual(expected);
        expect(cut.retryMs).toBe(whole.retryMs);
      }),
      { numRuns: 500 },
    );
  });

  test('gives the same events byte by byte', () => {
    const bytes = bytesOf('id: 1\r\nevent: a\r\ndata: Olá, 世界 🎲\r\n\r\n: hush\r\rdata:b\n\n');
    const parser = new SseParser(1_000);
    expect([...bytes].flatMap((byte) => parser.push(Uint8Array.of(byte)))).toEqual([
      { id: '1', event: 'a', data: 'Olá, 世界 🎲' },
      { id: '1', event: 'message', data: 'b' },
    ]);
  });
});

describe('the fields', () => {
  test.each([
    ['one space after the colon belongs to the syntax', 'data:  a\n\n', [' a']],
    ['several data lines are one text', 'data: a\ndata\ndata: b\n\n', ['a\n\nb']],
    ['comments and unknown fields say nothing', ': x\nfoo: y\ndata: a\n\n', ['a']],
    ['an event without data is none', 'event: x\nid: 3\n\ndata: a\n\n', ['a']],
    ['a byte order mark is not text', '\u{feff}data: a\n\n', ['a']],
    ['an event that was broken off is none', 'data: a\n\ndata: b\n', ['a']],
  ])('%s', (_what, text, expected) => expect(dataOf(text)).toEqual(expected));

  test('an id lasts until the next one, an event name for one event', () => {
    expect(parse('id: 4\nevent: x\ndata: a\n\ndata: b\n\nid: 5\0\ndata: c\n\n')).toEqual([
      { id: '4', event: 'x', data: 'a' },
      { id: '4', event: 'message', data: 'b' },
      { id: '4', event: 'message', data: 'c' },
    ]);
  });

  test('an id without an event is one to come back with, and that of an event that was broken off is not', () => {
    const parser = new SseParser(100);
    expect(parser.lastId).toBe('');
    parser.push(bytesOf('retry: 2000\nid: 7\n\nid: 8\ndata: a\n'));
    expect(parser.lastId).toBe('7');
    parser.push(bytesOf('\n'));
    expect(parser.lastId).toBe('8');
  });

  test('a pause before reconnects is kept when it is a number', () => {
    const parser = new SseParser(100);
    parser.push(bytesOf('retry: 2000\nretry: soon\n\n'));
    expect(parser.retryMs).toBe(2_000);
  });
});

describe('what is too long', () => {
  test.each([
    ['a line that never ends', 'x'.repeat(101)],
    ['an event of many lines', 'data: 12345678\n'.repeat(12)],
    ['an event of many empty lines', 'data:\n'.repeat(101)],
  ])('is refused: %s', (_what, text) => {
    expect(() => parse(text, 100)).toThrow(expect.objectContaining({ code: 'answer_unreadable' }));
  });

  test('is an event, not a stream of them', () => {
    expect(parse('data: 12345678\n\n'.repeat(100), 100)).toHaveLength(100);
  });
});
