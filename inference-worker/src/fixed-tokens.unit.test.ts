import { describe, expect, test } from '@jest/globals';
import { type Json, visibleState } from '@turnledger/shared/domain';
import { countTokens } from '@turnledger/shared/runtime';
import { stateTokens } from './fixed-tokens.ts';

const data = { clues: ['the lantern is under the third stair', 'the harbour master lies'], secret: 'the butler' };
const counted = (value: Json | undefined, pointers: readonly string[]) =>
  stateTokens(value === undefined ? {} : { state: { rev: 1, data: value } }, pointers);

describe('the tokens of a game state', () => {
  test('are none without one', async () => {
    expect(await counted(undefined, ['/clues'])).toBe(0);
  });

  test.each([[['/clues']], [['', '/clues', '/clues/0', '/clues/1']], [[]]])(
    'are at least those of what the model is shown through %j',
    async (pointers) => {
      const shown = await countTokens(JSON.stringify({ game_state: visibleState(data, pointers) ?? {} }));
      expect(await counted(data, pointers)).toBeGreaterThanOrEqual(shown);
    },
  );
});
