import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createTurnledgerClient, type PatchOperation, type StartedSession } from '@turnledger/shared/client';
import { limits, sessionStream } from '@turnledger/shared/contracts';
import { type ModelTwin, startModelTwin } from '../twins/model/index.ts';
import { type EmbeddedProcess, endEmbedded, startEmbeddedProcess } from './testing/embedded-process.ts';
import { openEventStream } from './testing/event-stream.ts';
import { askingTwin, type HttpCalls, httpCalls } from './testing/http-calls.ts';
import { eventRows } from './testing/stored-rows.ts';
import { askingForTokens, gameToken, operatorToken, playerToken } from './testing/token-holders.ts';

const scenarioId = 'lisbon-ledger.marta';
const secret = 'umbrellastand';
const first = { room: 'hall', clues: ['knife'], culprit: secret };

let twin: ModelTwin;
let turnledger: EmbeddedProcess;
let operator: HttpCalls;
let game: HttpCalls;
let otherGame: HttpCalls;
let alice: HttpCalls;
let session: StartedSession;
let path: string;

beforeAll(async () => {
  twin = await startModelTwin({ host: '127.0.0.1' });
  turnledger = await startEmbeddedProcess({ env: { ...askingTwin(twin), ...askingForTokens } });
  operator = httpCalls(turnledger.url, await operatorToken());
  game = httpCalls(turnledger.url, await gameToken('lisbon'));
  otherGame = httpCalls(turnledger.url, await gameToken('porto'));
  alice = httpCalls(turnledger.url, await playerToken('alice'));
  const view = { model: ['/clues'], public: ['/room'] };
  await operator.post('/llm/configure', { scenario_id: scenarioId, view });
  await operator.post('/llm/configure', { scenario_id: 'interrupted', view, turns: { on_busy: 'interrupt' } });
});
afterAll(async () => {
  await endEmbedded();
  await twin.close();
});
beforeEach(async () => {
  twin.reset();
  await start(scenarioId);
});

async function start(scenario: string): Promise<void> {
  const { authorization = '' } = await gameToken('lisbon');
  const client = createTurnledgerClient({ baseUrl: turnledger.url, token: authorization.replace('Bearer ', '') });
  session = await client.startSession({ scenarioId: scenario, playerId: 'alice', gameId: 'lisbon' });
  path = `/v1/sessions/${session.id}/turns`;
}

const whole = (data: unknown = first, rev = 1) => game.post(path, { prompt: 'Hello.', state: { rev, data } });
const patch = (operations: readonly object[], more: object = {}, headers = {}) =>
  game.post(path, { prompt: 'Well?', state: { rev: 2, patch: operations, ...more } }, headers);
/** The state once the view has what was asked for by other ways than the session's handle. */
const newest = async () => {
  await session.say('And now?');
  return session.state();
};
const found = { op: 'add', path: '/clues/-', value: 'rope' } as const satisfies PatchOperation;

describe('a state that comes as a patch', () => {
  test('is recorded as all of the state that it makes of the newest one', async () => {
    await session.say('Hello.', { state: { rev: 1, data: first } });
    const { id } = await session.say('Well?', { state: { rev: 2, patch: [found], baseRev: 1 } });
    expect(await session.state()).toMatchObject({ rev: 2, turnId: id, data: { ...first, clues: ['knife', 'rope'] } });
    expect(await session.say('And?')).toMatchObject({ stateRev: null });
    await session.say('So?', { state: { rev: 3, patch: [{ op: 'replace', path: '/room', value: 'pier' }] } });
    expect((await session.state()).data).toEqual({ ...first, clues: ['knife', 'rope'], room: 'pier' });
  });

  test('tells the model what the view names of the state that it makes, and nothing besides', async () => {
    await whole();
    await patch([found, { op: 'copy', from: '/culprit', path: '/suspect' }]);
    const asked = twin.calls.at(-1)?.body ?? '';
    expect(asked).toContain(
      JSON.stringify(JSON.stringify({ game_state: { '/clues': ['knife', 'rope'] } })).slice(1, -1),
    );
    expect(asked).not.toContain(secret);
  });

  test('may come with /llm/generate, in a session', async () => {
    await whole();
    const state = { rev: 2, patch: [found] };
    const answer = await game.generate({ prompt: 'Well?', session_id: session.id, state });
    expect(answer).toMatchObject({ status: 200, body: { state_rev: 2 } });
  });

  test('patches the state that the open turn brought, where it takes that turn’s place', async () => {
    await start('interrupted');
    await whole();
    twin.plan({ text: 'Yes, and so on and so forth', fault: { kind: 'stall_mid_stream' } });
    const body = { prompt: 'Wait.', stream: true, state: { rev: 2, patch: [found] } };
    const open = await openEventStream(`${turnledger.url}${path}`, { body, headers: await gameToken('lisbon') });
    expect(open.status).toBe(200);
    await open.arrivals.until(3);
    twin.reset();
    const interrupting = { prompt: 'Stop!', state: { rev: 3, base_rev: 2, patch: [{ ...found, value: 'glove' }] } };
    expect((await game.post(path, interrupting)).status).toBe(200);
    expect((await open.closed).events.at(-1)?.event).toBe('turn.cancelled');
    expect(await newest()).toMatchObject({ rev: 3, data: { clues: ['knife', 'rope', 'glove'] } });
  });

  test('after a rewind patches the older state', async () => {
    const { body: kept } = await whole();
    await patch([found]);
    await session.rewind({ turnId: kept.id });
    expect((await patch([{ ...found, value: 'glove' }], { base_rev: 1 })).status).toBe(200);
    expect((await newest()).data).toEqual({ ...first, clues: ['knife', 'glove'] });
    await session.rewind('start');
    expect(await patch([found])).toMatchObject({ status: 409, body: { code: 'state_missing' } });
  });

  test('is the same turn under its key, also where it would no longer apply', async () => {
    await whole();
    const once = { 'idempotency-key': '"once"' };
    const operations = [{ op: 'test', path: '/clues', value: ['knife'] }, found];
    const { body: turn } = await patch(operations, { base_rev: 1 }, once);
    await whole({ elsewhere: true }, 7);
    const again = await patch(operations, { base_rev: 1 }, once);
    expect(again).toMatchObject({ status: 200, body: { id: turn.id, state_rev: 2 } });
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    const other = await patch([...operations, found], { base_rev: 1 }, once);
    expect(other).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
  });

  test('is taken once each of six that come at the same time, each on the state of the one before', async () => {
    await start('interrupted');
    await whole({ clues: [] });
    const values = Array.from({ length: 6 }, (_, index) => `clue ${index}`);
    const answers = await Promise.all(values.map((value) => patch([{ ...found, value }])));
    // An answer, or the cancellation in favour of a later one; three conflicts are as many as one request takes.
    const taken = values.filter((_value, index) => answers[index]?.body.code !== 'stream_contended');
    expect(answers.filter(({ status, body }) => status === 200 || body.code === 'turn_cancelled')).toHaveLength(
      taken.length,
    );
    const { clues } = (await newest()).data as { readonly clues: readonly string[] };
    expect(clues.toSorted()).toEqual(taken);
  });
});

describe('a patch that is refused', () => {
  test.each<[string, readonly object[], object, number, object]>([
    ['made against another rev', [found], { base_rev: 0 }, 409, { code: 'state_rev_mismatch', state_rev: 1 }],
    [
      'to what is not there',
      [found, { op: 'remove', path: '/gold' }],
      {},
      422,
      { code: 'state_patch_failed', errors: [{ pointer: '/state/patch/1' }] },
    ],
    [
      'whose test does not hold',
      [{ op: 'test', path: '/room', value: 'pier' }, found],
      {},
      422,
      { code: 'state_patch_failed', errors: [{ pointer: '/state/patch/0' }] },
    ],
    [
      'through a prototype',
      [{ op: 'add', path: '/__proto__/polluted', value: true }],
      {},
      422,
      { code: 'state_patch_failed', errors: [{ pointer: '/state/patch/0' }] },
    ],
    [
      'that makes it too large',
      Array.from({ length: limits.http.maxPatchOperations }, (_, index) => ({
        op: 'copy',
        from: '',
        path: `/a${index}`,
      })),
      {},
      413,
      { code: 'state_too_large' },
    ],
    [
      'that makes it too deep',
      Array.from({ length: 13 }, () => ({ op: 'copy', from: '/clues', path: '/clues/0' })),
      {},
      422,
      { code: 'state_patch_failed', errors: [{ pointer: '/state/patch/12' }] },
    ],
    [
      'of too many operations',
      Array.from({ length: limits.http.maxPatchOperations + 1 }, () => found),
      {},
      422,
      { code: 'request_invalid' },
    ],
  ])('%s is told so, and nothing is recorded', async (_what, operations, more, status, body) => {
    await whole();
    const recorded = async () => (await eventRows(turnledger.dataDir, sessionStream(session.id))).length;
    const before = await recorded();
    const answer = await patch(operations, more);
    expect(answer).toMatchObject({ status, body });
    expect(answer.headers.get('x-should-retry')).toBe('false');
    expect(answer.text).not.toContain(secret);
    expect(await recorded()).toBe(before);
    expect((await patch([found])).status).toBe(200);
  });

  test('for want of a state: in a session without one, and in one that it would open', async () => {
    expect(await patch([found])).toMatchObject({ status: 409, body: { code: 'state_missing' } });
    const opening = await game.generate({ prompt: 'Well?', state: { rev: 2, patch: [found] } });
    expect(opening).toMatchObject({ status: 409, body: { code: 'state_missing' } });
  });
});

describe('the secret part of a state', () => {
  test('is read by the operator and the game alone; its player is shown the public part, another game nothing', async () => {
    const { body } = await whole();
    const read = (calls: HttpCalls) => calls.get(`/v1/sessions/${session.id}/state?min_position=${body.log_position}`);
    for (const calls of [operator, game])
      expect(await read(calls)).toMatchObject({ status: 200, body: { data: first } });
    expect((await read(alice)).body.data).toEqual({ '/room': 'hall' });
    expect((await read(otherGame)).status).toBe(404);
  });

  test.each<[string, object]>([
    ['testing it', { op: 'test', path: '/culprit', value: secret }],
    ['copying it to where it may be seen', { op: 'copy', from: '/culprit', path: '/room' }],
  ])('is not read by a player’s patch %s', async (_how, operation) => {
    await whole();
    const answer = await alice.post(path, { prompt: 'Well?', state: { rev: 2, patch: [operation] } });
    expect(answer).toMatchObject({ status: 403, body: { code: 'role_not_allowed' } });
    const generate = { prompt: 'Well?', session_id: session.id, state: { rev: 2, patch: [operation] } };
    expect(await alice.generate(generate)).toMatchObject({ status: 403, body: { code: 'role_not_allowed' } });
    expect((await newest()).rev).toBe(1);
  });
});
