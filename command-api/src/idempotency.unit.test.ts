import { describe, expect, test } from '@jest/globals';
import { systemIds as ids } from '@turnledger/shared/adapters/system';
import fc from 'fast-check';
import {
  derivedRerunId,
  derivedSessionId,
  derivedSessionKeyId,
  derivedTurnId,
  idempotencyHeader,
  readIdempotencyKey,
} from './idempotency.ts';

const keyIn = (header: string) => readIdempotencyKey(header, ids).value;

describe('readIdempotencyKey', () => {
  test.each([
    ['a bare key', 'abc-123', 'abc-123'],
    ['a structured string', '"abc-123"', 'abc-123'],
    ['escapes of a structured string', '"a\\"b\\\\c"', 'a"b\\c'],
    ['a bare key with backslashes, as it is', 'a\\\\b', 'a\\\\b'],
    ['blanks inside', '"turn 7"', 'turn 7'],
    ['255 characters', 'k'.repeat(255), 'k'.repeat(255)],
  ])('takes %s', (_name, header, value) => {
    expect(readIdempotencyKey(header, ids)).toEqual({ value, isFromClient: true });
  });

  test.each([
    ['nothing at all', ''],
    ['an empty string', '""'],
    ['a string that does not end', '"abc'],
    ['a quote in a bare key', 'a"b'],
    ['an escape that is none', '"a\\b"'],
    ['something after the string', '"abc"; q=1'],
    ['a letter beyond ASCII', 'schlüssel'],
    ['a control character', 'a\tb'],
    ['256 characters', 'k'.repeat(256)],
  ])('refuses %s', (_name, header) => {
    expect(() => keyIn(header)).toThrow(expect.objectContaining({ code: 'request_invalid' }));
  });

  test('makes a key where none was sent, another each time', () => {
    const [first, second] = [readIdempotencyKey(undefined, ids), readIdempotencyKey(undefined, ids)];
    expect(first.isFromClient).toBe(false);
    expect(first.value).not.toBe(second.value);
  });

  test('reads back what it writes, and tells different keys apart', () => {
    const key = fc.string({
      unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
      minLength: 1,
      maxLength: 255,
    });
    fc.assert(
      fc.property(key, (value) => {
        expect(keyIn(idempotencyHeader({ value, isFromClient: true })['idempotency-key'])).toBe(value);
      }),
    );
  });
});

describe('derived ids', () => {
  const playerId = '0198c0de-0000-7000-8000-000000000002';
  const sessionId = '1eec5885-c4bf-57b0-9233-89013b7f4f01';

  // Computed apart from this code (RFC 9562, section 5.5): a retry of next year must find the session of today.
  test('are for good', () => {
    const parts = { principal: 'local', gameId: 'noir', playerId, scenarioId: 'tavern', key: 'key-1' };
    expect(derivedSessionId(parts)).toBe(sessionId);
    expect(derivedSessionId({ ...parts, gameId: undefined, playerId: undefined, scenarioId: 'default' })).toBe(
      'd2436409-5ab4-53fb-83ce-5548c960c7f3',
    );
    expect(derivedTurnId(sessionId, 'key-1')).toBe('99ad290f-10e8-5fad-abf6-10e725cc197f');
    expect(derivedSessionKeyId(sessionId)).toBe('03adf46b-f90b-5d45-96ea-7512236b8d8f');
    const gate = { principal: 'local', kind: 'gate', target: 'tavern', key: 'key-1' } as const;
    expect(derivedRerunId(gate)).toBe('ba7975a8-b3b4-5702-a62c-75b4730789fd');
  });

  test('of two callers who differ in anything are never the same', () => {
    const part = fc.constantFrom('', 'a', 'b', 'aa', 'ab', 'a\u0000b');
    const parts = fc.record({ principal: part, gameId: part, playerId: part, scenarioId: part, key: part });
    fc.assert(
      fc.property(parts, parts, (one, other) => {
        expect(derivedSessionId(one) === derivedSessionId(other)).toBe(JSON.stringify(one) === JSON.stringify(other));
      }),
    );
  });

  test('of re-runs that differ in anything are never the same', () => {
    const part = fc.constantFrom('', 'a', 'b', 'aa', 'ab');
    const kind = fc.constantFrom('session', 'scenario', 'gate' as const);
    const parts = fc.record({ principal: part, kind, target: part, key: part, gameId: part });
    fc.assert(
      fc.property(parts, parts, (one, other) => {
        expect(derivedRerunId(one) === derivedRerunId(other)).toBe(JSON.stringify(one) === JSON.stringify(other));
      }),
    );
  });
});
