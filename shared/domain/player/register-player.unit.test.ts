import { describe, expect, test } from '@jest/globals';
import { deciderSpecification } from '../../testing/decider-specification.ts';
import { sampleIds } from '../../testing/sample-commands.ts';
import type { PlayerEvent } from './events.ts';
import { registerPlayer } from './register-player.ts';
import { evolvePlayer, initialPlayer } from './state.ts';

const { given, stateAfter } = deciderSpecification({ initial: initialPlayer, evolve: evolvePlayer });
const command = { externalId: 'steam:1234', keyId: sampleIds.key } as const;
const registered: PlayerEvent<'plain'> = { type: 'PlayerRegistered', data: command };

describe('registerPlayer', () => {
  test('makes a player known at first sight', () => {
    given().when(registerPlayer, command).thenAppends(registered);
  });

  test('a known player stays as they are, whatever key is named now', () => {
    given(registered)
      .when(registerPlayer, { ...command, keyId: 'another key' })
      .thenUnchanged();
  });

  test('the state knows which key opens what the player wrote', () => {
    expect(stateAfter(registered)).toMatchObject({ revision: 0, status: 'registered', keyId: sampleIds.key });
  });
});
