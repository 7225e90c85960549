import { describe, expect, it } from '@jest/globals';
import { systemClock as clock } from '@turnledger/shared/adapters/system';
import { isTurnledgerError } from '@turnledger/shared/contracts';
import { openTokenCallers, signToken } from '@turnledger/shared/runtime';
import { readTokenFlags } from './token-flags.ts';

const env = { TURNLEDGER_JWT_SECRET: 'a secret of a test, 32 bytes and more' };
const HOUR_MS = 3_600_000;

const mistakeIn = (args: readonly string[], given: { readonly [name: string]: string } = env): string => {
  try {
    readTokenFlags(args, given);
    return '';
  } catch (error) {
    if (!isTurnledgerError(error)) throw error;
    return error.extras.detail ?? '';
  }
};

describe('the flags of a token', () => {
  it('name whom it stands for, for an hour', () => {
    expect(readTokenFlags(['--role', 'player', '--sub', 'alice'], env)).toEqual({
      caller: { subject: 'alice', role: 'player' },
      secret: Buffer.from(env.TURNLEDGER_JWT_SECRET),
      lifetimeMs: HOUR_MS,
    });
  });

  it('may bind it to a game, and say for how long', () => {
    expect(readTokenFlags(['--role=game', '--game=lisbon', '--hours=24'], env)).toMatchObject({
      caller: { subject: 'game', role: 'game', gameId: 'lisbon' },
      lifetimeMs: 24 * HOUR_MS,
    });
  });

  it('may ask for help without a secret', () => {
    expect(readTokenFlags(['-h'], {})).toBe('help');
  });

  it.each<[readonly string[], RegExp]>([
    [[], /--role must be/],
    [['--role', 'admin'], /--role must be/],
    [['--role', 'player'], /add --sub/],
    [['--role', 'player', '--sub', 'alice smith'], /must be 1 to 128 of/],
    [['--role', 'operator', '--hours', 'many'], /--hours must be a number/],
    [['--role', 'operator', '--hours', '0'], /./],
    [['--role', 'operator', '--subject', 'x'], /--subject/],
  ])('are refused with one line: %j', (args, line) => {
    expect(mistakeIn(args)).toMatch(line);
  });

  it.each([{}, { TURNLEDGER_JWT_SECRET: 'short' }])('need the secret: %j', (given) => {
    expect(mistakeIn(['--role', 'operator'], given)).toMatch(/^TURNLEDGER_JWT_SECRET must be set/);
  });
});

it('what is signed with them is taken by a server with the same secret', async () => {
  const flags = readTokenFlags(['--role', 'player', '--sub', 'alice', '--game', 'lisbon'], env);
  if (flags === 'help') throw new TypeError('no help was asked for');
  const token = await signToken(flags.caller, { ...flags, clock });
  expect(await openTokenCallers({ ...flags, clock }).authenticate(`Bearer ${token}`)).toEqual(flags.caller);
});
