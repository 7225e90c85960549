import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type EnvelopePlace, envelopeIvBytes, openValue, sealValue } from './envelope.ts';
import { lengthPrefixed } from './length-prefixed.ts';

const keyId = '0198c0de-0000-7000-8000-000000000004';
const key = randomBytes(32);
const place: EnvelopePlace = { stream: 'session-1', eventId: 'event-1', field: 'text' };
const damaged = { outcome: 'damaged' };

const seal = (value: unknown, where = place) => sealValue(keyId, key, randomBytes(envelopeIvBytes), where, value);

/** The base64url text of other bytes: one bit of one byte turned. */
const flipped = (text: string, at: number): string => {
  const bytes = Buffer.from(text, 'base64url');
  const index = at % bytes.length;
  bytes[index] = (bytes[index] ?? 0) ^ 1;
  return bytes.toString('base64url');
};

describe('an envelope', () => {
  it('opens to what was sealed, whatever JSON it was', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'grapheme' }), (value) => {
        const written: unknown = JSON.parse(JSON.stringify(value));
        expect(openValue(seal(value), key, place)).toEqual({ outcome: 'ok', value: written });
      }),
    );
  });

  it.each(['iv', 'tag', 'ciphertext'] as const)('is damaged by one turned bit anywhere in its %s', (part) => {
    const sealed = seal('Where were you at 22:40?');
    const length = Buffer.from(sealed[part], 'base64url').length;
    const answers = Array.from({ length }, (_, at) =>
      openValue({ ...sealed, [part]: flipped(sealed[part], at) }, key, place),
    );
    expect(new Set(answers.map(({ outcome }) => outcome))).toEqual(new Set(['damaged']));
  });

  it.each(['stream', 'eventId', 'field'] as const)('does not open at another %s', (part) => {
    expect(openValue(seal('a secret'), key, { ...place, [part]: 'elsewhere' })).toEqual(damaged);
  });

  it('does not open where the parts of its place are joined otherwise', () => {
    const sealed = seal('a secret', { stream: 'ab', eventId: 'c', field: 'd' });
    expect(openValue(sealed, key, { stream: 'a', eventId: 'bc', field: 'd' })).toEqual(damaged);
  });

  it('does not open under another key', () => {
    expect(openValue(seal('a secret'), randomBytes(32), place)).toEqual(damaged);
  });

  it('does not open with a shortened tag', () => {
    const sealed = seal('a secret');
    const tag = Buffer.from(sealed.tag, 'base64url').subarray(0, 12).toString('base64url');
    expect(openValue({ ...sealed, tag }, key, place)).toEqual(damaged);
  });

  it.each([
    ['an empty iv', { iv: '' }],
    ['an empty tag', { tag: '' }],
    ['an empty ciphertext', { ciphertext: '' }],
    ['no base64 at all', { ciphertext: '***' }],
  ])('answers damaged, not a throw, for %s', (_name, change) => {
    expect(openValue({ ...seal('a secret'), ...change }, key, place)).toEqual(damaged);
  });

  it('does not say in its ciphertext what it holds', () => {
    const { ciphertext } = seal('Where were you?');
    expect(Buffer.from(ciphertext, 'base64url').includes('Where')).toBe(false);
  });
});

describe('lengthPrefixed', () => {
  it('gives two different lists different bytes', () => {
    const parts = fc.array(fc.string({ maxLength: 3 }), { maxLength: 4 });
    fc.assert(
      fc.property(parts, parts, (one, other) => {
        const isSameList = JSON.stringify(one) === JSON.stringify(other);
        expect(lengthPrefixed(one).equals(lengthPrefixed(other))).toBe(isSameList);
      }),
    );
  });

  it('counts bytes, not characters', () => {
    expect(lengthPrefixed(['é']).toString('hex')).toBe('00000002c3a9');
  });
});
