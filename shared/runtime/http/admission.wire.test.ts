import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { z } from 'zod';
import { systemClock as clock, systemIds as ids } from '../../adapters/system/index.ts';
import { type PlainRequest, type PlainResponse, type ServedApp, serveApp } from '../../testing/served-app.ts';
import { silentLog } from '../log.ts';
import { loopbackHosts } from './allowed-callers.ts';
import { buildHttpApp } from './build-http-app.ts';
import { type Caller, localCaller, localCallers, nobody, type Role, roles } from './caller.ts';
import { defineRoute, json, type Route } from './route.ts';
import { signToken } from './sign-token.ts';
import { openTokenCallers } from './token-callers.ts';

const secret = Buffer.from('a secret of a test, 32 bytes and more');

/** Answers who is taken to have called. */
const who = (path: string, access: Route['access'], body?: z.ZodType): Route =>
  defineRoute({
    method: body ? 'POST' : 'GET',
    path,
    summary: 'Says who calls',
    access,
    ...(body && { body }),
    handle: async ({ caller }) => json(200, { caller }),
  });

async function* oneEvent() {
  yield { id: 1, event: 'said', data: {} };
}

const routes: readonly Route[] = [
  who('/public', 'public'),
  who('/all', roles),
  who('/all', roles, z.strictObject({ prompt: z.string() })),
  who('/operators', ['operator']),
  who('/games', ['game', 'operator']),
  defineRoute({
    method: 'GET',
    path: '/events',
    summary: 'Streams',
    access: roles,
    handle: async () => ({ kind: 'events', events: oneEvent() }),
  }),
];

let app: ServedApp;
let open: ServedApp;
const tokens = new Map<Role, string>();

const appOf = (callers = openTokenCallers({ secret, clock })) =>
  serveApp(buildHttpApp({ routes, allowedHosts: loopbackHosts, callers, ids, log: silentLog }).callback());

beforeAll(async () => {
  [app, open] = await Promise.all([appOf(), appOf(localCallers)]);
  for (const role of roles)
    tokens.set(role, await signToken({ subject: `some-${role}`, role }, { secret, clock, lifetimeMs: 3_600_000 }));
});
afterAll(() => Promise.all([app.close(), open.close()]));

const bearer = (role: Role) => ({ authorization: `Bearer ${tokens.get(role)}` });
const as = (role: Role, path: string, wanted: Partial<PlainRequest> = {}) =>
  app.send({ ...wanted, path, headers: { ...wanted.headers, ...bearer(role) } });
const callerIn = (answer: PlainResponse) => (answer.json() as { caller: Caller }).caller;
const codeIn = (answer: PlainResponse) => (answer.json() as { code: string }).code;

test.each(roles)('a token of the role %s makes its caller', async (role) => {
  const answer = await as(role, '/all');
  expect(answer.status).toBe(200);
  expect(callerIn(answer)).toEqual({ subject: `some-${role}`, role });
});

test('a request without a token is told to bring one', async () => {
  const answer = await app.send({ path: '/all' });
  expect([answer.status, codeIn(answer)]).toEqual([401, 'token_missing']);
  expect(answer.headers).toMatchObject({ 'www-authenticate': 'Bearer realm="turnledger"', 'x-should-retry': 'false' });
});

test('a token that is none is told so, and why is not', async () => {
  const answers = await Promise.all(
    ['Bearer garbage', `Bearer ${tokens.get('player')}x`].map((authorization) =>
      app.send({ path: '/all', headers: { authorization } }),
    ),
  );
  for (const answer of answers) {
    expect([answer.status, codeIn(answer)]).toEqual([401, 'token_invalid']);
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="turnledger", error="invalid_token"');
    expect(answer.json()).not.toHaveProperty('detail');
    expect(answer.text).not.toContain('garbage');
  }
});

test.each<[Role, string]>([
  ['player', '/operators'],
  ['game', '/operators'],
  ['player', '/games'],
])('the role %s is refused at %s', async (role, path) => {
  const answer = await as(role, path);
  expect([answer.status, codeIn(answer)]).toEqual([403, 'role_not_allowed']);
  expect(answer.headers['www-authenticate']).toBe('Bearer realm="turnledger", error="insufficient_scope"');
});

test('nothing of a body is looked at before its sender is known', async () => {
  const body = '{"prompt":';
  const headers = { 'content-type': 'application/json' };
  expect((await app.send({ method: 'POST', path: '/all', headers, body })).status).toBe(401);
  expect((await as('player', '/all', { method: 'POST', headers, body })).status).toBe(400);
});

test('a public address asks for no token, minds none, and takes everybody for nobody', async () => {
  for (const headers of [{}, { authorization: 'Bearer garbage' }, bearer('operator')]) {
    const answer = await app.send({ path: '/public', headers });
    expect(answer.status).toBe(200);
    expect(callerIn(answer)).toEqual(nobody);
    expect(answer.headers.vary).toBeUndefined();
  }
});

test('what depends on the caller says so to caches, refusals and streams included', async () => {
  const answers = await Promise.all([
    as('player', '/all'),
    as('player', '/all', { method: 'HEAD' }),
    as('player', '/events'),
    as('player', '/operators'),
    app.send({ path: '/all' }),
    open.send({ path: '/all' }),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 403, 401, 200]);
  for (const { headers } of answers) expect(headers.vary).toBe('Authorization, Accept');
});

test('an address that is not there, or a method, needs no token to be refused', async () => {
  expect((await app.send({ path: '/nowhere' })).status).toBe(404);
  expect((await app.send({ method: 'DELETE', path: '/all' })).status).toBe(405);
});

test('a Host of somebody else is refused before the token is looked at', async () => {
  const answer = await as('operator', '/all', { headers: { host: 'rebound.example' } });
  expect([answer.status, codeIn(answer)]).toEqual([403, 'host_not_allowed']);
});

test('without tokens everybody is the local operator, whatever header an SDK sends along', async () => {
  for (const headers of [{}, { authorization: 'Bearer sk-not-a-token' }])
    expect(callerIn(await open.send({ path: '/operators', headers }))).toEqual(localCaller);
});
