import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Json } from '../secret.ts';
import { compareMoves, textSimilarity } from './compare-text.ts';

describe('the similarity of two texts', () => {
  test.each([
    ['every word, in another order', 'At the old pier.', 'The old pier, at', 1],
    ['no word', 'At the pier', 'Nowhere', 0],
    ['half of the words', 'the old pier', 'the new pier ran', 4 / 7],
    ['a word as often as both have it', 'no no no', 'no', 2 / 4],
    ['words in any case', 'MARTA Reis', 'marta REIS', 1],
    ['words with either apostrophe, and a hyphen inside', "I don't, well-read", 'i don’t — well-read', 1],
    ['a word in quotes', "'yes'", 'yes', 1],
    ['a word that is cut by a hyphen', 'well-read', 'well read', 0],
    ['letters and marks apart or in one', 'Ine\u0302s', 'In\u00eas', 1],
    ['numbers', 'at 22:40', 'at 22:45', 4 / 6],
    ['Chinese, by its characters', '我在码头。', '我不在码头', 8 / 9],
    ['Japanese, by its characters', 'コーヒーを飲む', 'コーヒーを', 10 / 12],
    ['Thai, by its letters and their marks', 'ที่นี่', 'ที่นั่น', 2 / 5],
    ['Korean, by its words', '부두에 있었다', '부두에 없었다', 2 / 4],
    ['a Latin word within Chinese', '在Marta家', '在 Marta 家', 1],
    ['nothing on one side', '', 'yes', 0],
    ['nothing on either side', '', '', 1],
    ['signs alone, the same', '…!', '…!', 1],
    ['signs alone, others', '…!', '…?', 0],
  ])('counts %s', (_what, one, other, similarity) => {
    expect(textSimilarity(one, other)).toBeCloseTo(similarity, 12);
  });

  const text = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 40 }),
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc
      .array(fc.constantFrom('the', 'pier', "don't", '我', '22', '…'), { maxLength: 12 })
      .map((words) => words.join(' ')),
  );

  test('is between 0 and 1, the same from both sides, and 1 of a text with itself', () => {
    fc.assert(
      fc.property(text, text, (one, other) => {
        const similarity = textSimilarity(one, other);
        expect(similarity).toBeGreaterThanOrEqual(0);
        expect(similarity).toBeLessThanOrEqual(1);
        expect(textSimilarity(other, one)).toBe(similarity);
        expect(textSimilarity(one, one)).toBe(1);
      }),
    );
  });

  test('takes time by the length of a text, whatever stands in it', () => {
    const hostile = [
      `${"a'".repeat(50_000)}!`,
      `a${'\u0301'.repeat(100_000)}`,
      'ー'.repeat(100_000),
      '-'.repeat(100_000),
    ];
    for (const one of hostile) expect(textSimilarity(one, one)).toBe(1);
  });
});

describe('two moves', () => {
  test.each<[ReturnType<typeof compareMoves>, Json | undefined, Json | undefined]>([
    ['none', undefined, undefined],
    ['added', undefined, { verb: 'go' }],
    ['removed', { verb: 'go' }, undefined],
    ['same', { verb: 'go', to: { x: 1, y: [1, 2] } }, { to: { y: [1, 2], x: 1 }, verb: 'go' }],
    ['changed', { verb: 'go', to: [1, 2] }, { verb: 'go', to: [2, 1] }],
    ['changed', { verb: 'go' }, { verb: 'go', to: 'pier' }],
    ['changed', { to: { length: 0 } }, { to: [] }],
    ['changed', { to: null }, {}],
  ])('are %s: %j and %j', (outcome, recorded, repeated) => {
    expect(compareMoves(recorded, repeated)).toBe(outcome);
  });

  test('are the same whatever the order of their members, and changed once a member has another value', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), (move) => {
        const turned = Object.fromEntries(Object.entries(move).reverse());
        expect(compareMoves(move as Json, turned as Json)).toBe('same');
        const [[name, value] = ['', null]] = Object.entries(turned);
        expect(compareMoves(move as Json, { ...turned, [name]: [value] } as Json)).toBe('changed');
      }),
    );
  });
});
