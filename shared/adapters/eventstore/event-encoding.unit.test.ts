import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { encodedEvent } from '../../testing/encoded-events.ts';
import { canonicalJson } from '../../trust/index.ts';
import { encodeEvent, storedEvent } from './event-encoding.ts';
import { StreamPrefix } from './stream-prefix.ts';

const prefix = new StreamPrefix('unit');

/** What a text comes back as: the client stringifies and parses what goes as JSON, and leaves bytes alone. */
function roundTrip(data: string): { readonly contentType: string; readonly data: string } {
  const sent = encodeEvent(encodedEvent({ data }));
  const isJson = sent.contentType === 'application/json';
  const read = {
    ...sent,
    data: sent.contentType === 'application/json' ? JSON.parse(JSON.stringify(sent.data)) : sent.data,
    isJson,
    streamId: 'unit:session-1',
    revision: 0n,
    created: new Date(0),
  };
  return { contentType: sent.contentType, data: storedEvent(read as Parameters<typeof storedEvent>[0], prefix).data };
}

describe('encodeEvent', () => {
  test.each([
    ['keys that look like numbers', { 10: 'ten', 9: 'nine', 1: 'one', a: 1, '-0': 0 }],
    ['keys that mean something to JavaScript', JSON.parse('{"__proto__":{"b":1},"constructor":2,"toJSON":"x"}')],
    ['keys beyond ASCII, in UTF-16 order', { '\u{1f3ad}': 1, '\uffff': 2, é: 3, e: 4 }],
    [
      'numbers at their edges',
      { a: 1e21, b: 1e-7, c: 0.1, d: 9007199254740991, e: -5e-324, f: 1.7976931348623157e308 },
    ],
    ['escapes', { text: '\u0000\u001f"\\/\u2028\u007f', half: '\ud800' }],
    ['depth', { a: [[{ b: [{}, []] }], null, true, false, ''] }],
  ])('stores canonical JSON as JSON, and reads the same bytes: %s', (_, value) => {
    const text = canonicalJson(value);
    expect(roundTrip(text)).toEqual({ contentType: 'application/json', data: text });
  });

  test.each([
    ['another order of keys', '{"b":1,"a":2}'],
    ['a key twice', '{"a":1,"a":2}'],
    ['a number that loses digits', '{"a":12345678901234567890}'],
    ['a number written another way', '{"a":1.0}'],
    ['minus zero', '{"a":-0}'],
    ['an escape that is not needed', '{"a":"\\u0041"}'],
    ['an escape in capitals', '{"a":"\\uD800"}'],
    ['spaces', '{ "a":1}'],
    ['a list, which our events are not', '[1]'],
    ['what is no JSON', '{NULL,"a"}'],
    ['nothing', ''],
    ['a byte order mark', '\ufeff{"a":1}'],
  ])('stores any other text as bytes, and reads the same: %s', (_, text) => {
    expect(roundTrip(text)).toEqual({ contentType: 'application/octet-stream', data: text });
  });

  test('gives any JSON object back byte for byte, as JSON', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ stringUnit: 'binary' })), (value) => {
        const text = canonicalJson(value);
        expect(roundTrip(text)).toEqual({ contentType: 'application/json', data: text });
      }),
    );
  });

  test('gives any text back byte for byte', () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.json({ stringUnit: 'grapheme' }),
      fc.json().map((json) => `{"a":${json}}`),
    );
    fc.assert(fc.property(text, (data) => roundTrip(data).data === data));
  });
});

test('storedEvent takes the prefix off, and has metadata also where there is none', () => {
  const sent = encodeEvent(encodedEvent({ eventId: 'e', type: 'TurnRequested', data: '{}' }));
  const read = {
    ...sent,
    metadata: undefined,
    isJson: true,
    streamId: 'unit:session-1',
    revision: 7n,
    created: new Date(0),
  };
  expect(storedEvent(read as Parameters<typeof storedEvent>[0], prefix)).toEqual({
    stream: 'session-1',
    revision: 7,
    eventId: 'e',
    type: 'TurnRequested',
    data: '{}',
    metadata: {},
  });
});

describe('storedEvent, of what others wrote under our names', () => {
  const foreign = (changes: object) =>
    storedEvent(
      {
        id: 'e',
        type: 'TurnRequested',
        data: {},
        metadata: {},
        isJson: true,
        streamId: 'unit:session-1',
        revision: 7n,
        created: new Date(0),
        ...changes,
      } as Parameters<typeof storedEvent>[0],
      prefix,
    );

  test.each([
    ['bytes, which is what the client gives for what is no JSON', new Uint8Array([123, 125])],
    ['a text', 'schemaVersion'],
    ['a list', ['1']],
    ['null', null],
  ])('takes metadata that is %s for none', (_, metadata) => {
    expect(foreign({ metadata }).metadata).toEqual({});
  });

  test('takes of metadata only what is text, as the port promises it', () => {
    expect(foreign({ metadata: { schemaVersion: '1', correlationId: 7, hash: { a: 1 } } }).metadata).toEqual({
      schemaVersion: '1',
    });
  });

  test('gives an empty text for JSON that is too deep to be written again', () => {
    const deep: unknown = JSON.parse(`{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`);
    expect(foreign({ data: deep }).data).toBe('');
  });
});
