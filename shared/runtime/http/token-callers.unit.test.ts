import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { type ErrorCode, isTurnledgerError, limits } from '../../contracts/index.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import type { Caller, Callers } from './caller.ts';
import { signToken } from './sign-token.ts';
import { openTokenCallers } from './token-callers.ts';

const secret = Buffer.from('a secret of a test, 32 bytes and more');
const alice: Caller = { subject: 'alice', role: 'player' };
const HOUR_MS = 3_600_000;

let clock: ManualClock;
let callers: Callers;
const nowSeconds = () => Math.floor(clock.nowMs() / 1_000);

beforeEach(() => {
  clock = new ManualClock();
  callers = openTokenCallers({ secret, clock });
});

const base64Url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const hmac = (input: string, key: Buffer, hash = 'sha256') => createHmac(hash, key).update(input).digest('base64url');

/** A token made by hand, so that it can be wrong in any one thing. */
function handmade(claims: object, header: object = { alg: 'HS256' }, key = secret): string {
  const input = `${base64Url(header)}.${base64Url(claims)}`;
  return `${input}.${hmac(input, key)}`;
}

const good = (changes: object = {}) => ({ sub: 'alice', role: 'player', exp: nowSeconds() + 60, ...changes });
const ask = (token: string) => callers.authenticate(`Bearer ${token}`);

/** How an Authorization header is refused. */
async function refusal(authorization: string | undefined): Promise<{ code: ErrorCode; challenge: string | undefined }> {
  try {
    await callers.authenticate(authorization);
  } catch (error) {
    if (!isTurnledgerError(error)) throw error;
    return { code: error.code, challenge: error.extras.headers?.['www-authenticate'] };
  }
  return { code: 'invariant_broken', challenge: 'the header was taken' };
}

const INVALID = { code: 'token_invalid', challenge: 'Bearer realm="turnledger", error="invalid_token"' };
const MISSING = { code: 'token_missing', challenge: 'Bearer realm="turnledger"' };

describe('a token that is taken', () => {
  it('stands for the player, game or operator that it names', async () => {
    expect(await ask(handmade(good()))).toEqual(alice);
    expect(await ask(handmade(good({ sub: 'back-end', role: 'game', game_id: 'lisbon' })))).toEqual({
      subject: 'back-end',
      role: 'game',
      gameId: 'lisbon',
    });
  });

  it('may name its role as a list of one', async () => {
    expect(await ask(handmade(good({ role: undefined, roles: ['operator'] })))).toMatchObject({ role: 'operator' });
  });

  it('may carry what else its issuer likes', async () => {
    expect(await ask(handmade(good({ iss: 'https://login.example', jti: '1', email: 'a@b.example' })))).toEqual(alice);
  });

  it('may name us as its audience, alone or among others', async () => {
    expect(await ask(handmade(good({ aud: 'turnledger' })))).toEqual(alice);
    expect(await ask(handmade(good({ aud: ['shop', 'turnledger'] })))).toEqual(alice);
  });

  it('is the one that signToken makes', async () => {
    const bound: Caller = { ...alice, gameId: 'lisbon' };
    expect(await ask(await signToken(bound, { secret, clock, lifetimeMs: HOUR_MS }))).toEqual(bound);
  });

  it.each(['bearer', 'BEARER', 'Bearer '])('comes under the scheme %p: its case says nothing', async (scheme) => {
    expect(await callers.authenticate(`${scheme} ${handmade(good())}`)).toEqual(alice);
  });
});

describe('a header without a token', () => {
  it.each([undefined, '', 'Basic YTpi', 'Token x'])('is told that one is missing: %p', async (header) => {
    expect(await refusal(header)).toEqual(MISSING);
  });

  it.each([
    'Bearer',
    'bearer',
    'Bearer ',
    'Bearer a b',
    'Bearer é',
    'Bearer x',
    'Bearer a.b',
    'Bearer a.b.c',
    'Bearer ..',
  ])('is told that it is none of ours: %p', async (header) => {
    expect(await refusal(header)).toEqual(INVALID);
  });
});

describe('a forged token is refused', () => {
  it.each<[string, () => string]>([
    ['signed with another secret', () => handmade(good(), { alg: 'HS256' }, Buffer.alloc(32, 1))],
    ['signed with an empty secret', () => handmade(good(), { alg: 'HS256' }, Buffer.alloc(0))],
    ['that says it is not signed', () => handmade(good(), { alg: 'none' })],
    ['that says so and is not', () => `${base64Url({ alg: 'none' })}.${base64Url(good())}.`],
    ['without a signature', () => `${handmade(good()).split('.').slice(0, 2).join('.')}.`],
    ['with a letter of its signature changed', () => handmade(good()).replace(/.{10}$/, 'AAAAAAAAAA')],
    ['that promises a critical extension', () => handmade(good(), { alg: 'HS256', crit: ['exp'] })],
    ['that is no JSON', () => `${base64Url({ alg: 'HS256' })}.eA.${hmac(`${base64Url({ alg: 'HS256' })}.eA`, secret)}`],
    ['that is a list', () => handmade([good()])],
  ])('%s', async (_what, make) => {
    expect(await refusal(`Bearer ${make()}`)).toEqual(INVALID);
  });

  it.each(['HS384', 'HS512', 'RS256', 'ES256', 'EdDSA', 'hs256', '', undefined])(
    'with the algorithm %p in its header',
    async (alg) => {
      expect(await refusal(`Bearer ${handmade(good(), { alg })}`)).toEqual(INVALID);
    },
  );

  it('with a payload of somebody else under a good signature', async () => {
    const [header, , signature] = handmade(good()).split('.');
    expect(await refusal(`Bearer ${header}.${base64Url(good({ sub: 'bob' }))}.${signature}`)).toEqual(INVALID);
  });

  it('with a real RS256 signature, whose key came along in the header', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    const input = `${base64Url({ alg: 'RS256', jwk: publicKey.export({ format: 'jwk' }) })}.${base64Url(good())}`;
    const signature = sign('sha256', Buffer.from(input), privateKey).toString('base64url');
    expect(await refusal(`Bearer ${input}.${signature}`)).toEqual(INVALID);
  });

  it('of HS512, with a good signature of that kind', async () => {
    const input = `${base64Url({ alg: 'HS512' })}.${base64Url(good())}`;
    expect(await refusal(`Bearer ${input}.${hmac(input, secret, 'sha512')}`)).toEqual(INVALID);
  });
});

describe('claims that are not ours are refused', () => {
  it.each<[string, object]>([
    ['no subject', { sub: undefined }],
    ['an empty subject', { sub: '' }],
    ['a subject that is no outside id', { sub: 'alice smith' }],
    ['a subject of 129 characters', { sub: 'a'.repeat(129) }],
    ['a subject that is a number', { sub: 7 }],
    ['no end', { exp: undefined }],
    ['an end that is a text', { exp: '9999999999' }],
    ['no role', { role: undefined }],
    ['a role that we do not know', { role: 'admin' }],
    ['a role in capitals', { role: 'Operator' }],
    ['two roles', { role: undefined, roles: ['player', 'operator'] }],
    ['a role and a list of roles', { roles: ['player'] }],
    ['an empty list of roles', { role: undefined, roles: [] }],
    ['a game that is no outside id', { game_id: 'a game' }],
    ['an empty game', { game_id: '' }],
    ['a game that is null', { game_id: null }],
    ['the audience of another service', { aud: 'shop' }],
    ['an empty audience', { aud: [] }],
  ])('%s', async (_what, changes) => {
    expect(await refusal(`Bearer ${handmade(good(changes))}`)).toEqual(INVALID);
  });
});

describe('time', () => {
  const graceMs = limits.access.clockToleranceMs;

  it('ends a token, with some grace for clocks that do not agree', async () => {
    const token = handmade(good({ exp: nowSeconds() + 60 }));
    await clock.advanceBy(60_000 + graceMs - 1_000);
    expect(await ask(token)).toEqual(alice);
    await clock.advanceBy(1_000);
    expect(await refusal(`Bearer ${token}`)).toEqual(INVALID);
  });

  it('ends a token that was taken before, too', async () => {
    const token = handmade(good({ exp: nowSeconds() + 60 }));
    expect(await ask(token)).toEqual(alice);
    await clock.advanceBy(60_000 + graceMs);
    expect(await refusal(`Bearer ${token}`)).toEqual(INVALID);
  });

  it('begins a token, with the same grace', async () => {
    const token = handmade(good({ nbf: nowSeconds() + 60 }));
    expect(await refusal(`Bearer ${token}`)).toEqual(INVALID);
    await clock.advanceBy(60_000 - graceMs);
    expect(await ask(token)).toEqual(alice);
  });
});

describe('what is remembered', () => {
  it('is one caller a token: the same object comes back without a second verification', async () => {
    const token = handmade(good());
    expect(await ask(token)).toBe(await ask(token));
  });

  it('does not let a token pass that only begins like one', async () => {
    const token = handmade(good());
    await ask(token);
    expect(await refusal(`Bearer ${token}A`)).toEqual(INVALID);
    expect(await refusal(`Bearer ${token.slice(0, -1)}`)).toEqual(INVALID);
  });

  it('is not who was refused: a token refused for its begin is taken later', async () => {
    const token = handmade(good({ nbf: nowSeconds() + 30 }));
    for (let tries = 0; tries < 3; tries += 1) expect(await refusal(`Bearer ${token}`)).toEqual(INVALID);
    await clock.advanceBy(30_000);
    expect(await ask(token)).toEqual(alice);
  });

  it('is bounded: more tokens than are kept are all answered', async () => {
    const count = limits.access.maxCachedTokens + 10;
    const tokens = Array.from({ length: count }, (_, index) => handmade(good({ sub: `p${index}` })));
    const seen = await Promise.all(tokens.map(ask));
    expect(seen.map(({ subject }) => subject)).toEqual(tokens.map((_, index) => `p${index}`));
    expect(await ask(tokens[0] ?? '')).toMatchObject({ subject: 'p0' });
  });
});
