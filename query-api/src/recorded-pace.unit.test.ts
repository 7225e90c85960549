import { describe, expect, test } from '@jest/globals';
import { limits } from '@turnledger/shared/contracts';
import fc from 'fast-check';
import { saidBetween } from './recorded-pace.ts';

const { maxGroupsPerReply } = limits.replay;

describe('saidBetween', () => {
  test('gives the text back to the letter, in order and within its time', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 400, unit: 'grapheme' }), fc.nat(100_000), (text, spanMs) => {
        const groups = saidBetween(text, 1_000, 1_000 + spanMs);
        expect(groups.map((group) => group.text).join('')).toBe(text);
        expect(groups.every((group) => group.text !== '')).toBe(true);
        const times = groups.map(({ atMs }) => atMs);
        expect(times).toEqual([...times].sort((a, b) => a - b));
        expect(times.every((atMs) => atMs >= 1_000 && atMs <= 1_000 + spanMs)).toBe(true);
        expect(groups.length).toBeLessThanOrEqual(maxGroupsPerReply);
      }),
    );
  });

  test('makes one group every 100 ms, the first at once', () => {
    expect(saidBetween('one two three four', 0, 200)).toEqual([
      { text: 'one two', atMs: 0 },
      { text: ' three four', atMs: 100 },
    ]);
  });

  test.each([
    ['no time', 0],
    ['time that runs backwards', -50],
  ])('says all at once in %s', (_case, spanMs) => {
    expect(saidBetween('one two', 500, 500 + spanMs)).toEqual([{ text: 'one two', atMs: 500 }]);
  });

  test('of an empty text is nothing', () => {
    expect(saidBetween('', 0, 1_000)).toEqual([]);
  });
});
