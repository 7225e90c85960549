import { describe, expect, test } from '@jest/globals';
import { deepFreeze } from '../testing/deep-freeze.ts';
import { sampleIds } from '../testing/sample-commands.ts';
import type { PlayerEvent } from './player/events.ts';
import { evolvePlayerRecord, type PlayerRecord } from './player-record.ts';

const recordedAt = (revision: number): string => `2026-01-01T00:00:0${revision}.000Z`;

const fold = (...events: readonly PlayerEvent<'plain'>[]): PlayerRecord<'plain'> | undefined =>
  events.reduce<PlayerRecord<'plain'> | undefined>((record, event, revision) => {
    const context = { playerId: sampleIds.player, revision, recordedAt: recordedAt(revision) };
    return deepFreeze(evolvePlayerRecord(record, deepFreeze(event), context));
  }, undefined);

const registered: PlayerEvent<'plain'> = {
  type: 'PlayerRegistered',
  data: { externalId: 'steam:1234', keyId: sampleIds.key },
};
const updated = (changes: object = {}): PlayerEvent<'plain'> => ({
  type: 'PlayerProfileUpdated',
  data: { consent: { training: true, analytics: false }, profileHmac: 'hmac-1', ...changes },
});

describe('evolvePlayerRecord', () => {
  test('a registered player has agreed to nothing', () => {
    expect(fold(registered)).toStrictEqual({
      playerId: sampleIds.player,
      externalId: 'steam:1234',
      keyId: sampleIds.key,
      consent: { training: false, analytics: false },
      registeredAt: recordedAt(0),
      revision: 0,
    });
  });

  test('a profile is there with when it changed, without its hash', () => {
    expect(fold(registered, updated({ displayName: 'Ana', locale: 'pt' }))).toStrictEqual({
      playerId: sampleIds.player,
      externalId: 'steam:1234',
      keyId: sampleIds.key,
      displayName: 'Ana',
      locale: 'pt',
      consent: { training: true, analytics: false },
      registeredAt: recordedAt(0),
      updatedAt: recordedAt(1),
      revision: 1,
    });
  });

  test('what a later profile leaves out is no longer known', () => {
    const record = fold(registered, updated({ displayName: 'Ana', traits: { likes: 'ships' } }), updated());
    expect(record).toMatchObject({ revision: 2, updatedAt: recordedAt(2) });
    expect(record).not.toHaveProperty('displayName');
    expect(record).not.toHaveProperty('traits');
  });

  test('a profile of nobody gives nothing', () => {
    expect(fold(updated())).toBeUndefined();
  });
});
