import { beforeAll, describe, expect, it } from '@jest/globals';
import { openMemoryKeyVault } from '@turnledger/shared/adapters/memory';
import { systemIds as ids } from '@turnledger/shared/adapters/system';
import type { KeyVault } from '@turnledger/shared/ports';
import { type Caller, localCaller } from '@turnledger/shared/runtime';
import { sessionScope } from './session-scope.ts';

let vault: KeyVault;
let alicesId: string;
let bobsId: string;

beforeAll(async () => {
  vault = openMemoryKeyVault({ ids, records: { players: new Map(), keys: new Map() } });
  alicesId = (await vault.identifyPlayer('alice')).playerId;
  bobsId = (await vault.identifyPlayer('bob')).playerId;
});

const alice: Caller = { subject: 'alice', role: 'player' };
const game: Caller = { subject: 'back-end', role: 'game' };
const scopeOf = (caller: Caller, wanted: { player_id?: string; game_id?: string } = {}) =>
  sessionScope(vault, caller, wanted);

describe('the scope of a list', () => {
  it('is what an operator or a game asks for, everything if nothing', async () => {
    for (const caller of [localCaller, game]) {
      expect(await scopeOf(caller)).toEqual({ playerId: undefined, gameId: undefined });
      expect(await scopeOf(caller, { player_id: 'bob', game_id: 'lisbon' })).toEqual({
        playerId: bobsId,
        gameId: 'lisbon',
      });
    }
  });

  it("is a player's own, asked for or not", async () => {
    for (const wanted of [{}, { player_id: 'alice' }])
      expect(await scopeOf(alice, wanted)).toEqual({ playerId: alicesId, gameId: undefined });
  });

  it('is of the game that binds the token, asked for or not', async () => {
    for (const wanted of [{}, { game_id: 'lisbon' }]) {
      expect(await scopeOf({ ...game, gameId: 'lisbon' }, wanted)).toEqual({ playerId: undefined, gameId: 'lisbon' });
      expect(await scopeOf({ ...alice, gameId: 'lisbon' }, wanted)).toEqual({ playerId: alicesId, gameId: 'lisbon' });
    }
  });

  it('is empty for another player, another game, and a player nobody has seen', async () => {
    expect(await scopeOf(alice, { player_id: 'bob' })).toBeUndefined();
    expect(await scopeOf({ ...game, gameId: 'lisbon' }, { game_id: 'porto' })).toBeUndefined();
    expect(await scopeOf(localCaller, { player_id: 'nobody' })).toBeUndefined();
    expect(await scopeOf({ ...alice, subject: 'nobody' })).toBeUndefined();
  });

  it('of asking makes nobody known', async () => {
    await scopeOf({ ...alice, subject: 'dora' });
    expect(await vault.findPlayer('dora')).toBeUndefined();
  });
});
