import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import canonicalizeModule from 'canonicalize';
import fc from 'fast-check';
import { canonicalJson } from './canonical-json.ts';

// The package is CommonJS with `module.exports = function`; its typings describe a default export inside a namespace.
const canonicalize = canonicalizeModule as unknown as (value: unknown) => string | undefined;

describe('canonicalJson', () => {
  it.each([
    ['keys that look like numbers', { 10: 'ten', 9: 'nine', a: 1 }],
    ['keys that mean something to JavaScript', JSON.parse('{"__proto__":{"b":1},"constructor":2}')],
    ['absent members', { b: undefined, a: [1, { d: undefined, c: null }] }],
    ['numbers at their edges', [1e21, 1e-7, -0, 0.1, 4.5, 9007199254740991]],
  ])('writes %s as the reference does', (_name, value) => {
    expect(canonicalJson(value)).toBe(canonicalize(value));
  });

  it('writes any JSON as the reference does', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'grapheme', maxDepth: 4 }), (value) => {
        expect(canonicalJson(value)).toBe(canonicalize(value));
      }),
    );
  });

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
