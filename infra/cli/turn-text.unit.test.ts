import { describe, expect, test } from '@jest/globals';
import type { Turn } from '@turnledger/shared/client';
import { askedText, endingLines, turnLines } from './turn-text.ts';

const completed = { position: 3, status: 'completed', prompt: 'Where?', trigger: null, response: 'Here.\nAnd there.' };
const turn = (over: object = {}) => ({ ...completed, error: null, fallback: null, ...over }) as unknown as Turn;

describe('a turn of a conversation', () => {
  test('is what was said and the reply', () => {
    expect(turnLines(turn())).toEqual(['3 > Where?', 'Here.\nAnd there.']);
  });

  test('may have begun with a trigger, or have lost its words with its player', () => {
    expect(askedText(turn({ prompt: null, trigger: { name: 'silence', args: null } }))).toBe('3 * silence');
    expect(askedText(turn({ prompt: null }))).toBe('3 > (erased)');
  });

  test('that failed has its code, and the line to say instead', () => {
    const failed = turn({ status: 'failed', response: null, error: { code: 'model_empty' }, fallback: 'Not now.' });
    expect(turnLines(failed)).toEqual(['3 > Where?', '(failed: model_empty)', 'Not now.']);
  });

  test('that was cancelled keeps what was said', () => {
    const cancelled = turn({ status: 'cancelled', response: 'He', error: { code: 'turn_cancelled' } });
    expect(turnLines(cancelled)).toEqual(['3 > Where?', 'He', '(cancelled)']);
  });

  test('that is open has no ending yet', () => {
    expect(endingLines(turn({ status: 'started' }))).toEqual(['(started)']);
  });

  test('cannot move the cursor, whoever wrote it', () => {
    const sly = turn({ prompt: 'a\u001b[A', response: 'b\u009b1A\r\nc', status: 'failed', error: { code: '\u001b' } });
    expect(turnLines(sly)).toEqual(['3 > a�[A', 'b�1A\nc', '(failed: �)']);
  });
});
