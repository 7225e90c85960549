import { describe, expect, test } from '@jest/globals';
import { turnInput } from './turn-input.ts';

describe('turnInput', () => {
  test('is what was said', () => {
    expect(turnInput('Who goes there?', undefined)).toBe('Who goes there?');
  });

  // The assembler's version 1: another text here would make every recorded prompt of a trigger look changed.
  test.each([
    [{ name: 'silence' }, '{"game_event":{"name":"silence"}}'],
    [
      { name: 'player_entered', args: { door: 'north' } },
      '{"game_event":{"name":"player_entered","args":{"door":"north"}}}',
    ],
    [{ name: 'hit', args: 3 }, '{"game_event":{"name":"hit","args":3}}'],
  ])('is what happened, as JSON: %j', (trigger, text) => {
    expect(turnInput(undefined, trigger)).toBe(text);
  });

  test('is nothing where it was erased', () => {
    expect(turnInput(null, undefined)).toBeUndefined();
    expect(turnInput(undefined, { name: 'silence', args: null })).toBeUndefined();
  });
});
