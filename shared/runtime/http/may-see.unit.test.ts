import { beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryEventLog, openMemoryKeyVault } from '../../adapters/memory/index.ts';
import { systemIds as ids } from '../../adapters/system/index.ts';
import { type ErrorCode, isTurnledgerError, sessionStream } from '../../contracts/index.ts';
import { startSession } from '../../domain/index.ts';
import type { KeyVault } from '../../ports/index.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import { type Ledger, openLedger } from '../ledger/index.ts';
import { type Caller, localCaller, nobody } from './caller.ts';
import { gameOf, playerOf, requireNoPlayer, requireSession, requireUnbound } from './may-see.ts';

let vault: KeyVault;
let ledger: Ledger;

beforeEach(() => {
  const clock = new ManualClock();
  vault = openMemoryKeyVault({ ids, records: { players: new Map(), keys: new Map() } });
  ledger = openLedger({ log: new MemoryEventLog({ clock }), vault, clock, ids });
});

const player = (subject: string, gameId?: string): Caller => ({
  subject,
  role: 'player',
  ...(gameId !== undefined && { gameId }),
});
const game = (gameId?: string): Caller => ({ ...player('back-end', gameId), role: 'game' });

/** A session of these players and this game; its id. */
async function session(names: readonly string[], gameId?: string): Promise<string> {
  const sessionId = ids.uuid();
  const keyId = ids.uuid();
  await vault.ensureKey(keyId);
  const players = await Promise.all(names.map((name) => vault.identifyPlayer(name)));
  const command = {
    scenarioId: 'harbour',
    scenarioVersion: 1,
    participants: [
      ...players.map(({ playerId }) => ({ kind: 'player', playerId }) as const),
      { kind: 'npc', scenarioId: 'harbour' } as const,
    ],
    keyId,
    bodyHmac: '0'.repeat(64),
    ...(gameId !== undefined && { gameId }),
  };
  await ledger.sessions.transact(sessionStream(sessionId), (state) => startSession(command, state), {
    context: { actor: 'game', correlationId: 'test' },
  });
  return sessionId;
}

const codeOf = async (work: () => unknown): Promise<ErrorCode | 'passed'> => {
  try {
    await work();
    return 'passed';
  } catch (error) {
    if (!isTurnledgerError(error)) throw error;
    return error.code;
  }
};

const see = (caller: Caller, sessionId: string, missing: ErrorCode = 'session_not_found') =>
  codeOf(() => requireSession({ ledger, vault }, caller, sessionId, missing));

describe('a session', () => {
  it('of a player is seen by them, and by nobody else with a player token', async () => {
    const id = await session(['alice']);
    expect(await see(player('alice'), id)).toBe('passed');
    await vault.identifyPlayer('bob');
    for (const caller of [player('bob'), player('never-seen'), player('Alice'), nobody])
      expect(await see(caller, id)).toBe('session_not_found');
  });

  it('of two players is seen by both', async () => {
    const id = await session(['alice', 'bob']);
    expect([await see(player('alice'), id), await see(player('bob'), id)]).toEqual(['passed', 'passed']);
  });

  it('without a player is seen by no player', async () => {
    const id = await session([]);
    for (const caller of [player('alice'), nobody]) expect(await see(caller, id)).toBe('session_not_found');
  });

  it('of a game is seen by tokens bound to it, of another game or of none is not', async () => {
    const lisbon = await session(['alice'], 'lisbon');
    for (const caller of [game('lisbon'), player('alice', 'lisbon'), game(), player('alice'), localCaller])
      expect(await see(caller, lisbon)).toBe('passed');
    const [porto, none] = [await session(['alice'], 'porto'), await session(['alice'])];
    for (const id of [porto, none])
      for (const caller of [game('lisbon'), player('alice', 'lisbon'), { ...localCaller, gameId: 'lisbon' }])
        expect(await see(caller, id)).toBe('session_not_found');
  });

  it('is not the game of a player of the same name: bob of lisbon sees nothing of alice there', async () => {
    expect(await see(player('bob', 'lisbon'), await session(['alice'], 'lisbon'))).toBe('session_not_found');
  });

  it('that is missing is refused with the same code as a foreign one', async () => {
    const foreign = await session(['alice']);
    for (const id of [foreign, ids.uuid()])
      expect(await see(player('bob'), id, 'turn_not_found')).toBe('turn_not_found');
  });

  it('that is missing is left to the reader where the caller sees all', async () => {
    for (const caller of [localCaller, game()]) expect(await see(caller, ids.uuid())).toBe('passed');
  });
});

describe('what a request may name', () => {
  it('is any player and game, for a game or an operator that nothing binds', () => {
    for (const caller of [game(), localCaller]) {
      expect([playerOf(caller, 'bob'), playerOf(caller, undefined)]).toEqual(['bob', undefined]);
      expect([gameOf(caller, 'lisbon'), gameOf(caller, undefined)]).toEqual(['lisbon', undefined]);
      expect(() => requireUnbound(caller)).not.toThrow();
    }
  });

  it('is the player themself with a player token, named or not', async () => {
    expect([playerOf(player('alice'), 'alice'), playerOf(player('alice'), undefined)]).toEqual(['alice', 'alice']);
    expect(await codeOf(() => playerOf(player('alice'), 'bob'))).toBe('role_not_allowed');
  });

  it('is the game that binds the token, named or not', async () => {
    expect([gameOf(game('lisbon'), 'lisbon'), gameOf(game('lisbon'), undefined)]).toEqual(['lisbon', 'lisbon']);
    expect(await codeOf(() => gameOf(game('lisbon'), 'porto'))).toBe('role_not_allowed');
  });

  it('is what a game alone may do only without a player token', async () => {
    expect(() => requireNoPlayer(game('lisbon'), 'detail')).not.toThrow();
    expect(await codeOf(() => requireNoPlayer(player('alice'), 'detail'))).toBe('role_not_allowed');
  });

  it('is no scenario where a game binds the token', async () => {
    expect(await codeOf(() => requireUnbound(game('lisbon')))).toBe('role_not_allowed');
  });
});
