import { describe, expect, test } from '@jest/globals';
import { diffMarks } from '../terminal/marked-diff.ts';
import { rerunTurnLines } from './rerun-turn-text.ts';
import { sampleRerunTurn } from './testing/sample-rerun.ts';

const linesOf = (...turn: Parameters<typeof sampleRerunTurn>) =>
  rerunTurnLines(sampleRerunTurn(...turn), diffMarks(false));

describe('a turn beside the recorded one', () => {
  test('is what was asked, both replies as one text, how alike they are, and both in figures', () => {
    expect(linesOf({}, { repeated: { response: 'At the office, at night.' } })).toEqual([
      '2 > Where were you?',
      'At the [-harbour-]{+office+}, at night.',
      '(similarity 0.60)',
      '            status     attempts  model  tokens  USD       ms to first  ms',
      '  recorded  completed  1         old    70+50   0.000120  210          900',
      '  new       completed  1         new    70+50   ?         210          700',
    ]);
  });

  test.each([
    [{ outcome: 'reused', sameText: true }, '(reused: it would be asked the same)'],
    [{ outcome: 'completed', sameText: true, similarity: 1 }, '(the same words)'],
    [{ outcome: 'timed_out' }, '(timed_out)'],
    [{ outcome: 'failed', error: { code: 'model_status' } }, '(failed: model_status)'],
    [{ outcome: 'completed', similarity: null }, '(completed)'],
  ] as const)('with %j says %j', (over, line) => {
    expect(linesOf(over)).toContain(line);
  });

  test('has no control character, whatever a server puts in the place of a word or number', () => {
    const sly = 'x\u001b[2J\u009b2J' as never;
    const side = { move: { sly }, moveStanding: sly, status: sly, response: sly, model: sly };
    const over = { position: sly, prompt: sly, outcome: sly, moveDifference: sly, error: { code: sly } };
    expect(linesOf(over, { recorded: side, repeated: side }).join('')).not.toMatch(/\p{Cc}/u);
  });

  test('without texts, for they were erased, has the rest', () => {
    const erased = { response: null };
    expect(linesOf({ prompt: null }, { recorded: erased, repeated: erased }).slice(0, 2)).toEqual([
      '2 > –',
      '(similarity 0.60)',
    ]);
  });

  test('has both moves, and what the game made of them', () => {
    const recorded = { move: { go: 'harbour' }, moveStanding: 'accepted' } as const;
    const repeated = { move: null, moveStanding: 'invalid' } as const;
    expect(linesOf({ moveDifference: 'removed' }, { recorded, repeated })).toContain(
      '  move removed: {"go":"harbour"} (accepted) → – (invalid)',
    );
  });

  test('brings no control character of a game, a player or a model', () => {
    const sly = 'a\u001b[2J\u009b1A';
    const text = linesOf({ prompt: sly }, { recorded: { response: sly, move: { sly } }, repeated: { model: sly } });
    expect(text.join('\n')).not.toMatch(/[^\P{Cc}\n]/u);
  });
});
