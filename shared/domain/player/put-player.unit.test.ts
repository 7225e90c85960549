import { describe, expect, test } from '@jest/globals';
import { deciderSpecification } from '../../testing/decider-specification.ts';
import { sampleIds } from '../../testing/sample-commands.ts';
import type { PlayerEvent } from './events.ts';
import { type PutPlayer, putPlayer } from './put-player.ts';
import { evolvePlayer, initialPlayer } from './state.ts';

const { given, stateAfter } = deciderSpecification({ initial: initialPlayer, evolve: evolvePlayer });
const identity = { externalId: 'steam:1234', keyId: sampleIds.key } as const;
const profile = {
  displayName: 'Ana',
  locale: 'pt-PT',
  traits: { likes: ['ships'] },
  consent: { training: false, analytics: true },
  profileHmac: 'hmac-1',
};
const put = (changes: Partial<PutPlayer> = {}): PutPlayer => ({ ...identity, profile, ...changes });
const registered: PlayerEvent<'plain'> = { type: 'PlayerRegistered', data: identity };
const updated: PlayerEvent<'plain'> = { type: 'PlayerProfileUpdated', data: profile };

describe('putPlayer', () => {
  test('makes a player known with their profile, in one append', () => {
    given().when(putPlayer, put()).thenAppends(registered, updated);
  });

  test('gives a known player a profile', () => {
    given(registered).when(putPlayer, put()).thenAppends(updated);
  });

  test('replaces the whole profile', () => {
    const bare = { consent: { training: false, analytics: false }, profileHmac: 'hmac-2' };
    given(registered, updated)
      .when(putPlayer, put({ profile: bare }))
      .thenAppends({ type: 'PlayerProfileUpdated', data: bare });
  });

  test('the same profile changes nothing, whatever revision the caller had seen', () => {
    given(registered, updated).when(putPlayer, put()).thenUnchanged();
    given(registered, updated)
      .when(putPlayer, put({ expectedRevision: 0 }))
      .thenUnchanged();
  });

  test('a guard that does not hold is refused; for an unknown player none holds', () => {
    const refuse = 'player_revision_mismatch';
    given(registered)
      .when(putPlayer, put({ expectedRevision: 1 }))
      .thenRefused(refuse);
    given()
      .when(putPlayer, put({ expectedRevision: 0 }))
      .thenRefused(refuse);
    given()
      .when(putPlayer, put({ expectedRevision: 'any' }))
      .thenRefused(refuse);
    given(registered)
      .when(putPlayer, put({ expectedRevision: 0 }))
      .thenAppends(updated);
    given(registered)
      .when(putPlayer, put({ expectedRevision: 'any' }))
      .thenAppends(updated);
  });

  test('nobody has agreed to anything before they say so', () => {
    expect(stateAfter(registered).consent).toEqual({ training: false, analytics: false });
    expect(stateAfter(registered, updated)).toMatchObject({ revision: 1, consent: profile.consent });
  });
});
