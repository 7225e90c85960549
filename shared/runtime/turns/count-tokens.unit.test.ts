import { describe, expect, it } from '@jest/globals';
import { countTokens } from './count-tokens.ts';

describe('countTokens', () => {
  it('counts as the o200k encoding does', async () => {
    expect(await countTokens('Where were you at 22:40?')).toBe(9);
  });

  it('counts a special token of the model as plain text', async () => {
    expect(await countTokens('<|endoftext|>')).toBeGreaterThan(1);
  });

  it.each([
    ['one letter', 'a'],
    ['blanks', ' '],
    ['marks', '!?'],
  ])('cuts a 32 KiB run of %s, so that its cost stays linear', async (_name, piece) => {
    const short = await countTokens(piece.repeat(512 / piece.length));
    const long = await countTokens(piece.repeat(32_768 / piece.length));
    expect(long / short).toBeGreaterThan(40);
    expect(long / short).toBeLessThan(100);
  });

  it('takes 50 ms at most for a window of 20 turns of 32 KiB of one letter', async () => {
    const tookMs: number[] = [];
    // A letter each, since the encoder remembers pieces it has seen; the best of them, since other programs run here too.
    for (const letter of ['a', 'k', 'x', 'q', 'z']) {
      const startedAtMs = performance.now();
      for (let turn = 0; turn < 20; turn += 1) await countTokens(letter.repeat(32_768));
      tookMs.push(performance.now() - startedAtMs);
    }
    expect(Math.min(...tookMs)).toBeLessThanOrEqual(50);
  });
});
