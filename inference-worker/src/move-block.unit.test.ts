import { describe, expect, test } from '@jest/globals';
import { visibleText } from '@turnledger/shared/runtime';
import fc from 'fast-check';
import { blockIn, gateBlock, withBlock } from './move-block.ts';

const block = '```move\n{"verb":"go"}\n```';

/** What readers see of a text that comes in these pieces. */
function shownOf(...pieces: readonly string[]): readonly string[] {
  const shown: string[] = [];
  const gate = gateBlock((text) => shown.push(text));
  for (const piece of pieces) gate.push(piece);
  gate.end();
  return shown;
}

describe('a block at the end of a reply', () => {
  test.each([
    ['after the words', `I go.\n\n${block}`, 'I go.', '\n{"verb":"go"}\n'],
    ['on the same line', `I go. ${block}`, 'I go.', '{"verb":"go"}'],
    ['that was not closed', 'I go.\n```move\n{"verb":"go"}', 'I go.', '{"verb":"go"}'],
    ['that was cut at once', 'I go.\n```move', 'I go.', ''],
    ['with words after it', `I go.\n${block}\nNow.`, 'I go.', '{"verb":"go"}\n```\nNow.'],
    ['with a fence inside of a text of it', 'I go.\n```move\n{"say":"```"}\n```', 'I go.', '{"say":"```"}'],
  ])('%s is parted from them', (_where, text, visible, body) => {
    expect(visibleText(text)).toBe(visible);
    expect(blockIn(text)?.trim()).toBe(body.trim());
  });

  test.each(['I go.', 'Use ```js\n1\n``` here.', '```moves\n{}\n```', '```mov', ''])('is not in %j', (text) => {
    expect(visibleText(text)).toBe(text);
    expect(blockIn(text)).toBeUndefined();
  });

  test('is what a past move is written as', () => {
    expect(withBlock('I go.', { verb: 'go' })).toBe(`I go.\n\n${block}`);
    expect(withBlock('I stay.', undefined)).toBe('I stay.');
    expect(withBlock('I stay.', null)).toBe('I stay.');
  });
});

describe('what readers see as it comes', () => {
  test('is each piece, but for what may be the beginning of a block', () => {
    expect(shownOf('I ', 'go', '.\n``', '`', 'mo', 've\n{"a":1}', '\n```')).toEqual(['I', ' go', '.']);
  });

  test('is what was held back for nothing, once that is clear', () => {
    expect(shownOf('See ```', 'mo', 'vement```')).toEqual(['See', ' ```movement', '```']);
  });

  test('joins to what a player is shown in the end, however it comes, and has no fence of a block in it', () => {
    const word = fc.constantFrom(
      '```move',
      '`',
      '``',
      '```',
      'move',
      'mov',
      'e',
      '\n',
      ' ',
      'I go.',
      '{"a":1}',
      '-',
      'é',
    );
    fc.assert(
      fc.property(
        fc.array(word, { maxLength: 24 }),
        fc.array(fc.nat({ max: 7 }), { maxLength: 40 }),
        (words, sizes) => {
          const text = words.join('');
          const pieces: string[] = [];
          for (let from = 0, at = 0; from < text.length; at += 1) {
            const size = 1 + (sizes[at] ?? 2);
            pieces.push(text.slice(from, from + size));
            from += size;
          }
          expect(shownOf(...pieces).join('')).toBe(visibleText(text));
        },
      ),
      { numRuns: 500 },
    );
  });

  test('is shown in time that its length bounds, also of blanks alone', () => {
    let shown = 0;
    const gate = gateBlock((text) => {
      shown += text.length;
    });
    for (let blanks = 0; blanks < 262_144; blanks += 1) gate.push(' ');
    gate.end();
    expect(shown).toBe(262_144);
  });
});
