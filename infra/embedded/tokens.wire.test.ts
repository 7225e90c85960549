import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testFolderPath } from './postgres/testing/test-folder.ts';
import { type EmbeddedProcess, endEmbedded, startEmbeddedProcess } from './testing/embedded-process.ts';
import { type HeaderRecord, type HttpCalls, httpCalls } from './testing/http-calls.ts';
import { eventRows } from './testing/stored-rows.ts';
import { askingForTokens, gameToken, operatorToken, playerToken } from './testing/token-holders.ts';

let turnledger: EmbeddedProcess;
let calls: HttpCalls;
const tokens: { [name: string]: HeaderRecord } = {};

beforeAll(async () => {
  const env = { ...askingForTokens, TURNLEDGER_HOST: '0.0.0.0', TURNLEDGER_ALLOWED_HOSTS: 'game.example' };
  turnledger = await startEmbeddedProcess({ env: { ...env, TURNLEDGER_SCRIPTED_WORD_MS: '0' } });
  calls = httpCalls(turnledger.url);
  tokens.player = await playerToken('alice');
  tokens.game = await gameToken();
  tokens.bound = await gameToken('lisbon');
  tokens.operator = await operatorToken();
});
afterAll(endEmbedded);

/** What each token is answered at an address that not everybody may use; a 4xx of another kind than 403 is an answer too. */
test.each<[string, string, object | undefined, readonly string[]]>([
  ['POST', '/llm/generate', { prompt: 'Hello' }, ['player', 'game', 'bound', 'operator']],
  ['POST', '/v1/sessions', {}, ['player', 'game', 'bound', 'operator']],
  ['GET', '/v1/sessions', undefined, ['player', 'game', 'bound', 'operator']],
  ['POST', '/llm/configure', { model: 'scripted' }, ['game', 'operator']],
  ['POST', '/v1/scenarios/nowhere/retire', {}, ['game', 'operator']],
  ['GET', '/v1/scenarios/default', undefined, ['game', 'bound', 'operator']],
  ['GET', '/v1/scenarios/default/versions', undefined, ['game', 'bound', 'operator']],
  ['GET', '/llm/logs', undefined, ['game', 'bound', 'operator']],
  ['GET', '/v1/usage', undefined, ['game', 'bound', 'operator']],
  ['GET', '/metrics', undefined, ['operator']],
])('%s %s is for those who may, and nobody without a token', async (method, path, body, allowed) => {
  const ask = (headers: HeaderRecord) =>
    method === 'GET' ? calls.get(path, headers) : calls.post(path, body, headers);
  const answers = await Promise.all(
    Object.entries(tokens).map(async ([name, token]) => [name, (await ask(token)).status] as const),
  );
  expect(answers.filter(([, status]) => status !== 403).map(([name]) => name)).toEqual(allowed);
  expect(await ask({})).toMatchObject({ status: 401, body: { code: 'token_missing' } });
});

test.each(['/healthz', '/readyz', '/openapi.json', '/docs'])('%s asks for no token', async (path) => {
  expect((await calls.get(path)).status).toBe(200);
});

test('the events name who did it', async () => {
  const player = httpCalls(turnledger.url, tokens.player);
  const sessions: string[] = [];
  for (const [name, token] of Object.entries(tokens)) {
    const started = await calls.post('/v1/sessions', { player_id: 'alice' }, token);
    await calls.post(`/v1/sessions/${started.body.id}/end`, {}, token);
    sessions.push(`${name} session-${started.body.id}`);
  }
  const { body: turn } = await player.generate({ trigger: { name: 'silence' } });
  const rows = await eventRows(turnledger.dataDir);
  const actorsOf = (stream: string) =>
    rows.filter((row) => row.stream === stream).map(({ type, metadata }) => `${type} ${metadata.actor}`);
  const playerId = rows.find(({ type }) => type === 'PlayerRegistered')?.stream.replace('player-', '');
  const ends = sessions.map((session) => [session.split(' ')[0], actorsOf(session.split(' ')[1] ?? '').at(-1)]);
  expect(Object.fromEntries(ends)).toEqual({
    player: `SessionEnded player:${playerId}`,
    game: 'SessionEnded game',
    bound: 'SessionEnded game',
    operator: 'SessionEnded operator',
  });
  expect(actorsOf(`session-${turn.session_id}`).slice(0, 2)).toEqual([
    `SessionStarted player:${playerId}`,
    `TurnRequested player:${playerId}`,
  ]);
});

test('it says at its start that tokens are asked for, and how to make one', () => {
  expect(turnledger.stdout()).toMatch(/^access {6}Bearer tokens of TURNLEDGER_JWT_SECRET, at 0\.0\.0\.0$/m);
  expect(turnledger.stdout()).toContain('npm run -s token -- --role player --sub alice');
  expect(turnledger.stdout()).not.toContain(askingForTokens.TURNLEDGER_JWT_SECRET ?? '');
});

test('a name that is allowed is served, another is not', async () => {
  const port = Number(new URL(turnledger.url).port);
  const statusFor = async (name: string) => {
    // Not by fetch, which names the host that it connects to.
    const headers = { host: `${name}:${port}` };
    const sent = request({ port, host: '127.0.0.1', path: '/healthz', headers, agent: false });
    const [answer] = (await once(sent.end(), 'response')) as [IncomingMessage];
    answer.resume();
    return answer.statusCode;
  };
  expect([await statusFor('game.example'), await statusFor('rebound.example')]).toEqual([200, 403]);
});

describe('without a secret', () => {
  test('it says that it is alone with this machine, and nobody else can connect', async () => {
    const local = await startEmbeddedProcess();
    expect(local.stdout()).toMatch(/^access {6}this machine alone, and without tokens: whoever calls is the operator/m);
    expect((await httpCalls(local.url).get('/v1/sessions', { authorization: 'Bearer sk-x' })).status).toBe(200);
    const others = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
    const outside = others.find(({ internal, family }) => !internal && family === 'IPv4');
    const { port } = new URL(local.url);
    if (outside) await expect(fetch(`http://${outside.address}:${port}/healthz`)).rejects.toThrow();
  });

  test.each([
    [{ TURNLEDGER_HOST: '0.0.0.0' }, /TURNLEDGER_HOST needs TURNLEDGER_JWT_SECRET/],
    [{ TURNLEDGER_ALLOWED_HOSTS: 'game.example' }, /TURNLEDGER_ALLOWED_HOSTS needs TURNLEDGER_JWT_SECRET/],
    [{ TURNLEDGER_JWT_SECRET: 'too short' }, /must have at least 32 bytes/],
    [{ ...askingForTokens, TURNLEDGER_HOST: '198.51.100.7' }, /is no address of this machine/],
  ])('it does not start with %j', async (env, line) => {
    const refused = await startEmbeddedProcess({ dataDir: testFolderPath(), env });
    expect(await refused.ended).toEqual({ code: 1, signal: null });
    expect(refused.stderr()).toMatch(line);
    expect(refused.stdout()).toBe('');
  });
});
