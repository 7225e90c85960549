import { describe, expect, test } from '@jest/globals';
import { visibleState } from './visible-state.ts';

const state = { room: 'hall', clues: [{ name: 'knife' }], 'a/b': 1, 'm~n': 2, nothing: null };

describe('visibleState', () => {
  test.each<[string, unknown]>([
    ['/room', 'hall'],
    ['/clues/0/name', 'knife'],
    ['/a~1b', 1],
    ['/m~0n', 2],
    ['/nothing', null],
    ['', state],
  ])('shows what %j names, under the pointer', (pointer, value) => {
    expect(visibleState(state, [pointer])).toEqual({ [pointer]: value });
  });

  test.each(['/absent', '/clues/1', '/clues/length', '/room/length', '/toString', '/__proto__'])(
    'shows nothing for %s',
    (pointer) => {
      expect(visibleState(state, [pointer])).toBeUndefined();
    },
  );

  test('of an erased state is nothing', () => {
    expect(visibleState(null, ['/room'])).toBeUndefined();
  });
});
