import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { positionToken, sessionStream } from '@turnledger/shared/contracts';
import { type EmbeddedProcess, endEmbedded, startEmbeddedProcess } from './testing/embedded-process.ts';
import { type HttpCalls, httpCalls } from './testing/http-calls.ts';
import { askAbout, comparable, type OwnedIds, ownedAddresses } from './testing/owned-addresses.ts';
import { askingForTokens, gameToken, operatorToken, playerToken } from './testing/token-holders.ts';

const MISSING: OwnedIds = {
  session: '00000000-0000-4000-8000-000000000000',
  turn: '00000000-0000-4000-8000-000000000001',
};

let turnledger: EmbeddedProcess;
let operator: HttpCalls;
let alice: HttpCalls;
let bob: HttpCalls;
/** Bound to lisbon and to porto. */
let lisbon: HttpCalls;
let porto: HttpCalls;
let aliceInPorto: HttpCalls;
/** Of alice in lisbon; it must stay as it is. */
let owned: OwnedIds;
let ownedRevision: string | null;

/** Opens a session, with one turn in it. */
async function play(calls: HttpCalls, body: object): Promise<OwnedIds> {
  const started = await calls.post('/v1/sessions', body);
  expect(started.status).toBe(201);
  const turn = await calls.post(`/v1/sessions/${started.body.id}/turns`, { prompt: 'Where were you?' });
  expect(turn.status).toBe(200);
  const ids = { session: started.body.id, turn: turn.body.id };
  // A view that has the turn: what follows must not be refused because it is behind.
  await operator.get(`/v1/sessions/${ids.session}?min_position=${turn.body.log_position}`);
  return ids;
}

beforeAll(async () => {
  turnledger = await startEmbeddedProcess({ env: { ...askingForTokens, TURNLEDGER_SCRIPTED_WORD_MS: '0' } });
  const as = async (token: ReturnType<typeof gameToken>) => httpCalls(turnledger.url, await token);
  operator = await as(operatorToken());
  [alice, bob, aliceInPorto] = [
    await as(playerToken('alice')),
    await as(playerToken('bob')),
    await as(playerToken('alice', 'porto')),
  ];
  [lisbon, porto] = [await as(gameToken('lisbon')), await as(gameToken('porto'))];
  // Both are known: somebody whom the vault has never seen is refused by another way.
  await play(bob, { game_id: 'lisbon' });
  owned = await play(alice, { game_id: 'lisbon' });
  ownedRevision = (await operator.get(`/v1/sessions/${owned.session}`)).headers.get('etag');
});
afterAll(endEmbedded);

describe.each([
  ['another player', () => bob],
  ['a token of the player that is bound to another game', () => aliceInPorto],
  ['another game', () => porto],
])('to %s', (_who, calls) => {
  test.each(ownedAddresses)(
    '$method $path is not there: a foreign id and a missing one answer alike',
    async (address) => {
      const [foreign, missing] = [await askAbout(calls(), address, owned), await askAbout(calls(), address, MISSING)];
      const isRefused = address.isForGames === true && calls() !== porto;
      const expected = isRefused ? [403, 'role_not_allowed'] : [404, address.missing];
      expect([foreign.status, foreign.body.code]).toEqual(expected);
      expect(comparable(foreign, owned)).toEqual(comparable(missing, MISSING));
    },
  );

  test('a log position of the session tells nothing, neither by its answer nor by its time', async () => {
    const positionOf = (id: string) => positionToken({ stream: sessionStream(id), revision: 0 });
    const beganMs = performance.now();
    const [foreign, missing] = [
      await calls().get(`/v1/sessions?min_position=${positionOf(owned.session)}`),
      await calls().get(`/v1/sessions?min_position=${positionOf(MISSING.session)}`),
    ];
    expect(foreign).toMatchObject({ status: 404, body: { code: 'session_not_found' } });
    expect(comparable(foreign, owned)).toEqual(comparable(missing, MISSING));
    // A wait for a view would take 5 s.
    expect(performance.now() - beganMs).toBeLessThan(4_000);
  });

  test('no list holds it, whatever it is asked for', async () => {
    const filters = ['', '?player_id=alice', '?game_id=lisbon', '?player_id=alice&game_id=lisbon', '?status=open'];
    for (const filter of filters) {
      const { status, text } = await calls().get(`/v1/sessions${filter}`);
      expect(status).toBe(200);
      expect(text).not.toContain(owned.session);
    }
  });
});

test('every address with a session in it that is served is in the table', async () => {
  const { paths } = JSON.parse((await operator.get('/openapi.json')).text);
  const served = Object.entries<object>(paths).flatMap(([path, methods]) =>
    path.includes('{session_id}') ? Object.keys(methods).map((method) => `${method} ${path}`) : [],
  );
  const inTable = ownedAddresses.map(({ method, path }) => {
    const [pattern = ''] = path.replace('{session}', '{session_id}').replace('{turn}', '{turn_id}').split('?');
    return `${method.toLowerCase()} ${pattern}`;
  });
  expect(served.length).toBeGreaterThan(9);
  expect(served.filter((one) => !inTable.includes(one))).toEqual([]);
});

test('nobody who may not has changed it', async () => {
  const { body, headers } = await operator.get(`/v1/sessions/${owned.session}`);
  expect(body.status).toBe('open');
  expect(headers.get('etag')).toBe(ownedRevision);
});

test.each([
  ['the player', () => alice],
  ['their game', () => lisbon],
  ['the operator', () => operator],
])('%s reads all of it', async (_who, calls) => {
  const reads = ownedAddresses.filter(({ method, isEndless }) => method === 'GET' && !isEndless);
  const replies = await Promise.all(reads.map((address) => askAbout(calls(), address, owned)));
  expect(replies.map(({ status }) => status).filter((status) => status !== 200 && status !== 204)).toEqual([]);
  const listed = await calls().get('/v1/sessions?player_id=alice&game_id=lisbon');
  expect(listed.body.data.map(({ id }) => id)).toContain(owned.session);
});

test.each([
  ['the player', () => alice],
  ['their game', () => lisbon],
  ['the operator', () => operator],
])('%s commands it: a turn, its cancelling, its end', async (_who, calls) => {
  const ids = await play(alice, { game_id: 'lisbon' });
  const answers = [
    await calls().post(`/v1/sessions/${ids.session}/turns`, { prompt: 'And then?' }),
    await calls().generate({ prompt: 'And then?', session_id: ids.session }),
    await calls().post(`/v1/sessions/${ids.session}/turns/${ids.turn}/cancel`, {}),
    await calls().post(`/v1/sessions/${ids.session}/end`, {}),
  ];
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 409, 200]);
  expect(answers[2]?.body.code).toBe('turn_already_ended');
});

test('a session of two games is not a thing: one without a game is foreign to a bound token', async () => {
  const free = await play(alice, {});
  for (const calls of [lisbon, porto, aliceInPorto])
    expect((await calls.get(`/v1/sessions/${free.session}`)).status).toBe(404);
  expect((await alice.get(`/v1/sessions/${free.session}`)).status).toBe(200);
});

test("a turn of somebody else is not in one's own session", async () => {
  const own = await play(bob, {});
  for (const path of ['', '/stream']) {
    const reply = await bob.get(`/v1/sessions/${own.session}/turns/${owned.turn}${path}`);
    expect(reply).toMatchObject({ status: 404, body: { code: 'turn_not_found' } });
  }
});

test('of players, one sees and changes oneself: another and a missing one answer alike', async () => {
  const put = await alice.put('/v1/players/alice', { display_name: 'Alice' });
  const own = await alice.get(`/v1/players/alice?min_position=${put.body.log_position}`);
  expect([put.status, own.status, own.body]).toEqual([200, 200, expect.objectContaining({ display_name: 'Alice' })]);
  for (const ask of [
    (id: string) => bob.get(`/v1/players/${id}`),
    (id: string) => bob.put(`/v1/players/${id}`, { display_name: 'Bob was here' }),
    (id: string) => bob.put(`/v1/players/${id}`, {}, { 'if-match': '"0"' }),
  ]) {
    const [foreign, missing] = [await ask('alice'), await ask('carol')];
    expect([403, 404]).toContain(foreign.status);
    const named = (id: string): OwnedIds => ({ session: id, turn: id });
    expect(comparable(foreign, named('alice'))).toEqual(comparable(missing, named('carol')));
  }
  expect((await alice.get('/v1/players/alice')).text).toBe(own.text);
});

test("a player's token speaks for its player, named or not", async () => {
  for (const body of [{ prompt: 'Hello' }, { prompt: 'Hello', player_id: 'alice' }]) {
    const { body: turn } = await alice.generate(body);
    const { body: session } = await alice.get(`/v1/sessions/${turn.session_id}?min_position=${turn.log_position}`);
    expect(session).toMatchObject({ player_id: 'alice' });
  }
});

test("a bound token's sessions are of its game, named or not", async () => {
  for (const body of [{}, { game_id: 'porto' }]) {
    expect((await aliceInPorto.post('/v1/sessions', body)).body).toMatchObject({
      game_id: 'porto',
      player_id: 'alice',
    });
    expect((await porto.post('/v1/sessions', { ...body, player_id: 'bob' })).body).toMatchObject({ game_id: 'porto' });
  }
});

test.each([
  ['a player names another', () => bob, { player_id: 'alice' }],
  ['a player names one that nobody has heard of', () => bob, { player_id: 'nobody' }],
  ['a bound player names another game', () => aliceInPorto, { game_id: 'lisbon' }],
  ['a bound game names another', () => porto, { game_id: 'lisbon' }],
])('when %s, nothing is begun', async (_what, calls, named) => {
  for (const [path, body] of [
    ['/llm/generate', { prompt: 'Hello', ...named }],
    ['/v1/sessions', named],
  ] as const) {
    const reply = await calls().post(path, body);
    expect(reply).toMatchObject({ status: 403, body: { code: 'role_not_allowed' } });
    expect(reply.headers.get('www-authenticate')).toContain('insufficient_scope');
  }
});

test('the same key of two players, or of a player and their game, makes two sessions', async () => {
  const key = { 'idempotency-key': '"the-very-same"' };
  const body = { prompt: 'Hello', player_id: 'alice' };
  const ids = [
    (await alice.generate(body, key)).body.session_id,
    (await alice.generate(body, key)).body.session_id,
    (await bob.generate({ prompt: 'Hello' }, key)).body.session_id,
    (await operator.generate(body, key)).body.session_id,
  ];
  expect(ids[0]).toBe(ids[1]);
  expect(new Set(ids).size).toBe(3);
});
