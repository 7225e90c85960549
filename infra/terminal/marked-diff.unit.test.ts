import { describe, expect, test } from '@jest/globals';
import { diffMarks, markedDiff } from './marked-diff.ts';

const plain = diffMarks(false);

describe('two texts as one', () => {
  test.each([
    ['At the harbour.', 'At the harbour.', 'At the harbour.'],
    ['At the harbour, at night.', 'At the office, at noon.', 'At the [-harbour-]{+office+}, at [-night-]{+noon+}.'],
    ['At the harbour now', 'In an office now', '[-At the harbour-]{+In an office+} now'],
    ['I was there.', 'I was never there.', 'I was {+never +}there.'],
    ['', 'Hm.', '{+Hm.+}'],
    ['Hm.', '', '[-Hm.-]'],
    ['one\ntwo', 'six\nten', '[-one-]{+six+}\n[-two-]{+ten+}'],
    ['Я был в порту', 'Я был в конторе', 'Я был в [-порту-]{+конторе+}'],
    ['港にいました', '店にいました', '[-港-]{+店+}にいました'],
    ['cafe\u0301', 'cafe', '[-cafe\u0301-]{+cafe+}'],
  ])('of %j and %j is %j', (recorded, repeated, marked) => {
    expect(markedDiff(recorded, repeated, plain)).toBe(marked);
  });

  test('has no control character of either', () => {
    expect(markedDiff('a\u001b[2J', 'a\u009b2J', plain)).not.toMatch(/[^\P{Cc}\n]/u);
  });

  test('is red and green where there are colours, with the same marks', () => {
    expect(markedDiff('one', 'two', diffMarks(true))).toBe('\u001b[31m[-one-]\u001b[39m\u001b[32m{+two+}\u001b[39m');
  });

  test('is each whole, at once, where they are long and have too little in common', () => {
    const words = (word: string) => Array.from({ length: 30_000 }, (_, index) => `${word}${index}`).join(' ');
    const [recorded, repeated] = [words('a'), words('b')];
    expect(markedDiff(recorded, repeated, plain) === `[-${recorded}-]{+${repeated}+}`).toBe(true);
  });
});
