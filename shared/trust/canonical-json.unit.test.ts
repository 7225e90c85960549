import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson } from './canonical-json.ts';

describe('canonicalJson', () => {
  it.each([
    ['undefined', undefined],
    ['a function', () => 1],
    ['not a number', Number.NaN],
    ['an infinite number', { deadline: Number.POSITIVE_INFINITY }],
  ])('has no text for %s', (_name, value) => {
    expect(() => canonicalJson(value)).toThrow(expect.objectContaining({ code: 'invariant_broken' }));
  });

  it('is the same for equal values, and different for different ones', () => {
    const value = fc.jsonValue({ stringUnit: 'grapheme', maxDepth: 3 });
    fc.assert(
      fc.property(value, value, (one, other) => {
        const isEqual = isDeepStrictEqual(JSON.parse(JSON.stringify(one)), JSON.parse(JSON.stringify(other)));
        expect(canonicalJson(one) === canonicalJson(other)).toBe(isEqual);
      }),
    );
  });

  it('reads back as the value it stands for', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'grapheme' }), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
