import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  emptyVaultRecords,
  MemoryEventLog,
  MemoryRateCounter,
  MemoryTurnFeed,
  openMemoryKeyVault,
  type VaultRecords,
} from '@turnledger/shared/adapters/memory';
import { systemIds as ids } from '@turnledger/shared/adapters/system';
import { limits, sessionStream } from '@turnledger/shared/contracts';
import { claimTurn, failAttempt, timeOutTurn } from '@turnledger/shared/domain';
import type { TurnMessage } from '@turnledger/shared/ports';
import {
  buildHttpApp,
  decodeEvent,
  endingMessage,
  feedIds,
  localCallers,
  openLedger,
  sealDelta,
  silentLog,
} from '@turnledger/shared/runtime';
import {
  absentViews,
  advanceUntil,
  answerSample,
  FaultyEventLog,
  ManualClock,
  type PlainResponse,
  type ServedApp,
  sampleClaim,
  sampleHmac,
  samplePlannedCall,
  samplePrompt,
  scriptedEndpoints,
  serveApp,
} from '@turnledger/shared/testing';
import { commandRoutes } from './app.ts';
import type { CommandPorts } from './ports.ts';
import { publishDefaultScenario } from './publish-default-scenario.ts';

type Body = Record<string, unknown> & { readonly id: string; readonly session_id: string };
type Ending = (message: TurnMessage) => Promise<unknown>;

const context = { actor: 'game', correlationId: 'test' };
const nobody = '0198c0de-0000-4000-8000-0000000000ff';

let clock: ManualClock;
let memory: MemoryEventLog;
let log: FaultyEventLog;
let records: VaultRecords;
let ports: CommandPorts;
let app: ServedApp;
/** What becomes of each turn that is requested; undefined leaves it open. */
let ending: Ending | undefined;
let stop: AbortController;
let worker: Promise<void>;

const played = () => ({ ...ports, log: memory });

beforeEach(async () => {
  clock = new ManualClock();
  memory = new MemoryEventLog({ clock });
  log = new FaultyEventLog(memory);
  records = emptyVaultRecords();
  const vault = openMemoryKeyVault({ ids, records });
  const feed = new MemoryTurnFeed({ clock });
  ports = {
    ledger: openLedger({ log, vault, clock, ids }),
    vault,
    feed,
    clock,
    ids,
    views: absentViews,
    endpoints: scriptedEndpoints('default', 'other'),
    turnRate: new MemoryRateCounter({ perMinute: 0, clock }),
  };
  await publishDefaultScenario(ports.ledger, 'test');
  app = await serveApp(
    buildHttpApp({
      ids,
      log: silentLog,
      allowedHosts: ['localhost'],
      callers: localCallers,
      routes: commandRoutes(ports),
    }).callback(),
  );
  ending = (message) => answerSample(played(), message, 'At the inn.');
  stop = new AbortController();
  worker = workOn(stop.signal);
});

afterEach(async () => {
  stop.abort();
  await worker;
  await app.close();
});

/** Stands in for relay and worker: ends each turn as the test says, then announces it. */
async function workOn(signal: AbortSignal): Promise<void> {
  for await (const item of memory.subscribe({ after: 0n, signal })) {
    if (item.kind !== 'event' || item.event.type !== 'TurnRequested' || !ending) continue;
    const sessionId = item.event.stream.slice('session-'.length);
    const { turnId, deadlineMs } = decodeEvent(item.event).data as { turnId: string; deadlineMs: number };
    const requestedAtMs = item.event.loggedAtMs;
    await ending({ kind: 'requested', sessionId, turnId, deadlineMs, requestedAtMs, correlationId: 'test' });
    await ports.feed.publish(turnId, endingMessage);
  }
}

const post = async (path: string, body?: object, headers: { readonly [name: string]: string } = {}) => {
  const reply = await app.send({
    method: 'POST',
    path,
    headers: { host: 'localhost', ...headers },
    ...(body && { body }),
  });
  return { status: reply.status, headers: reply.headers, text: reply.text, body: bodyOf(reply) };
};

const bodyOf = (reply: PlainResponse) => (reply.text.startsWith('{') ? (reply.json() as Body) : ({} as Body));

const generate = (body: object = {}, headers: { readonly [name: string]: string } = {}) =>
  post('/llm/generate', { prompt: 'Where were you?', ...body }, headers);

const keyed = (key: string) => ({ 'idempotency-key': `"${key}"` });

const startSession = async (body: object = {}) => (await post('/v1/sessions', body)).body.id;

const failing: Ending = async ({ sessionId, turnId }) => {
  const callId = ids.uuid();
  const prompt = { ...samplePrompt, hmac: sampleHmac };
  const claim = sampleClaim({ turnId, worker: ids.uuid(), calls: [samplePlannedCall(callId)], prompt });
  await ports.ledger.sessions.transact(sessionStream(sessionId), (state) => claimTurn(claim, state), { context });
  const failure = {
    turnId,
    attempt: 1,
    callId,
    code: 'model_overloaded',
    cost: { priceTable: 'sample' },
    fallback: 'Hm.',
  };
  await ports.ledger.sessions.transact(sessionStream(sessionId), (state) => failAttempt(failure, state), { context });
};

/** Every request of the table must leave the log as it was. */
async function expectRefused(
  asked: () => Promise<{ status: number; headers: PlainResponse['headers']; body: Body }>,
  status: number,
  code: string,
) {
  const before = await memory.headPosition();
  const reply = await asked();
  expect(reply).toMatchObject({ status, body: { code, status, error: { code } } });
  expect(reply.headers['content-type']).toContain('application/problem+json');
  expect(await memory.headPosition()).toBe(before);
  return reply;
}

test('who watches a session is told of each turn, of a rewind and of the end, where to look in the log', async () => {
  const session = await startSession();
  await generate({ session_id: session });
  await post(`/v1/sessions/${session}/rewind`, { to_turn_id: null });
  await post(`/v1/sessions/${session}/end`, {});
  const types = new Map(
    (await memory.readStream(sessionStream(session))).map(({ revision, type }) => [revision, type]),
  );
  const told: (string | undefined)[] = [];
  for await (const { id } of ports.feed.read(session, { after: 0, signal: stop.signal, follow: false }))
    told.push(types.get(id - 1));
  expect(told).toEqual(['TurnRequested', 'SessionRewound', 'SessionEnded']);
});

describe('POST /llm/generate', () => {
  test('answers a turn with its reply, where it stands and where it can be read', async () => {
    const { status, body, headers } = await generate({}, keyed('k'));
    expect(status).toBe(200);
    expect(body).toMatchObject({
      prompt: 'Where were you?',
      response: 'At the inn.',
      output: 'At the inn.',
      position: 1,
      status: 'completed',
      finish_reason: 'stop',
      attempts: 1,
      usage: { prompt_tokens: 120, completion_tokens: 30, total_tokens: 150 },
      tokens_used: 150,
      completion_time: 0.9,
      scenario: { id: 'default', version: 1 },
      log_position: expect.any(String),
      links: { turn: `/v1/sessions/${body.session_id}/turns/${body.id}`, session: `/v1/sessions/${body.session_id}` },
    });
    expect(headers['idempotency-key']).toBe('"k"');
    expect(headers['idempotency-replayed']).toBeUndefined();
  });

  test('the same key and body is the same turn, said so', async () => {
    const first = await generate({}, keyed('k'));
    const again = await generate({}, keyed('k'));
    expect(again.body).toEqual(first.body);
    expect(again.headers['idempotency-replayed']).toBe('true');
  });

  test('the key is the same bare or quoted, and the turn the same however it is to be delivered', async () => {
    const first = await generate({}, keyed('k'));
    expect((await generate({}, { 'idempotency-key': 'k' })).body.id).toBe(first.body.id);
    expect((await generate({}, { ...keyed('k'), prefer: 'respond-async' })).body.id).toBe(first.body.id);
    expect((await generate({ stream: true }, keyed('k'))).text).toContain(first.body.id);
  });

  test('the same key with another body is refused', async () => {
    await generate({}, keyed('k'));
    const { headers } = await expectRefused(
      () => generate({ prompt: 'And then?' }, keyed('k')),
      422,
      'idempotency_key_reused',
    );
    expect(headers['x-should-retry']).toBe('false');
    await expectRefused(() => generate({ temperature: 0.1 }, keyed('k')), 422, 'idempotency_key_reused');
  });

  test('one key opens a session for each player, game and scenario', async () => {
    await post('/llm/configure', { scenario_id: 'other' });
    const bodies = [{}, { player_id: 'alice' }, { player_id: 'bob' }, { game_id: 'noir' }, { scenario_id: 'other' }];
    const replies = await Promise.all(bodies.map((body) => generate(body, keyed('k'))));
    expect(new Set(replies.map(({ body }) => body.session_id)).size).toBe(5);
  });

  test('without a key two requests are two turns, and the key made is told', async () => {
    const [first, second] = [await generate(), await generate()];
    expect(first.body.id).not.toBe(second.body.id);
    expect(first.headers['idempotency-key']).toMatch(/^"[0-9a-f-]{36}"$/);
  });

  test('50 equal requests at once are one turn with 50 equal answers', async () => {
    const replies = await Promise.all(Array.from({ length: 50 }, () => generate({ player_id: 'alice' }, keyed('k'))));
    expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 200));
    expect(new Set(replies.map(({ text }) => text)).size).toBe(1);
    expect(
      log.appends.filter(({ events }) => events.some(({ type }) => type === 'TurnRequested')).length,
    ).toBeGreaterThan(0);
    const types = (await memory.readStream(sessionStream(replies[0]?.body.session_id ?? ''))).map(({ type }) => type);
    expect(types).toEqual(['SessionStarted', 'TurnRequested', 'TurnStarted', 'TurnCompleted']);
  });

  test('a key stays good when its model is no longer offered', async () => {
    await post('/llm/configure', { models: [{ name: 'old-model' }] });
    const first = await generate({ model: 'old-model' }, keyed('k'));
    expect(first.status).toBe(200);
    await post('/llm/configure', { models: [{ name: 'new-model' }] });
    expect((await generate({ model: 'old-model' }, keyed('k'))).body).toEqual(first.body);
  });

  test('respond-async answers where to look', async () => {
    ending = undefined;
    const { status, headers, body } = await generate({}, { prefer: 'respond-async' });
    expect(status).toBe(202);
    expect(body).toMatchObject({ status: 'requested', response: null, log_position: expect.any(String) });
    expect(headers).toMatchObject({
      location: `/v1/sessions/${body.session_id}/turns/${body.id}`,
      'retry-after': '1',
      'preference-applied': 'respond-async',
    });
  });

  test('a stream begins with where the turn stands and ends with the whole turn', async () => {
    const { headers, text } = await generate({ stream: true });
    expect(headers['content-type']).toContain('text/event-stream');
    expect(text.match(/^id: \d+$/gm)).toEqual(['id: 1', `id: ${feedIds.ending}`]);
    expect(text.match(/^event: .*$/gm)).toEqual(['event: turn.requested', 'event: turn.completed']);
    expect(text).toContain('"log_position"');
    expect(text).toContain('"response":"At the inn."');
  });

  test('a turn that failed answers 502 with the fallback line, and so does its key again', async () => {
    ending = failing;
    for (const replayed of [undefined, 'true']) {
      const { status, body, headers } = await generate({}, keyed('k'));
      expect(status).toBe(502);
      expect(body).toMatchObject({
        code: 'turn_failed',
        reason: 'model_overloaded',
        fallback: 'Hm.',
        turn_id: expect.any(String),
      });
      expect(headers['x-should-retry']).toBe('false');
      expect(headers['idempotency-replayed']).toBe(replayed);
    }
  });

  test('a turn that was timed out answers 504', async () => {
    ending = ({ sessionId, turnId }) =>
      ports.ledger.sessions.transact(
        sessionStream(sessionId),
        (state) => timeOutTurn({ turnId, phase: 'queue', elapsedMs: 1 }, state),
        { context },
      );
    expect(await generate()).toMatchObject({
      status: 504,
      body: { code: 'turn_timed_out', reason: 'turn_timed_out_queue', fallback: null },
    });
  });

  test('a turn that nobody ends is answered after its deadline and a grace, to be asked for again', async () => {
    ending = undefined;
    const asked = generate();
    while (clock.sleeping < 2) await new Promise<void>((resolve) => setImmediate(resolve));
    expect(await advanceUntil(clock, asked, 1_000)).toMatchObject({
      status: 503,
      body: { code: 'turn_still_open' },
      headers: { 'x-should-retry': 'true' },
    });
  });

  test.each<[string, object, number, string]>([
    ['an unknown scenario', { scenario_id: 'attic' }, 404, 'scenario_not_found'],
    ['an unknown session', { session_id: nobody }, 404, 'session_not_found'],
    ['a session id that is none', { session_id: 'junk' }, 422, 'request_invalid'],
    ['a model that is not offered', { model: 'gpt-9' }, 422, 'model_not_in_scenario'],
    ['an empty prompt', { prompt: ' ' }, 400, 'prompt_empty'],
    ['two names of one field', { input: 'Hello' }, 422, 'request_invalid'],
    ['a prompt over 32 KiB', { prompt: '語'.repeat(11_000) }, 413, 'prompt_too_large'],
    ['a state over 64 KiB', { state: { rev: 1, data: 'x'.repeat(65_600) } }, 413, 'state_too_large'],
    ['an unknown field', { promt: 'Hello' }, 422, 'request_invalid'],
    ['a player id that is none', { player_id: 'a b' }, 422, 'request_invalid'],
  ])('refuses %s and records nothing', async (_name, body, status, code) => {
    await expectRefused(() => generate(body), status, code);
  });

  test('a key that is none is refused', async () => {
    await expectRefused(() => generate({}, { 'idempotency-key': '"' }), 422, 'request_invalid');
  });

  test('`default` names the model that the operator runs, offered or not', async () => {
    await post('/llm/configure', { models: [{ name: 'some-model' }] });
    expect((await generate({ model: 'default' })).status).toBe(200);
  });

  test('an erased player is gone', async () => {
    await generate({ player_id: 'alice' }, keyed('k'));
    const keyId = records.players.get('alice')?.keyId ?? '';
    records.keys.set(keyId, null);
    await expectRefused(() => generate({ player_id: 'alice' }, keyed('k')), 410, 'player_erased');
  });
});

describe('a turn in a session', () => {
  const ask = (sessionId: string, body: object = {}, headers = {}) =>
    post(`/v1/sessions/${sessionId}/turns`, { prompt: 'And then?', ...body }, headers);

  test('goes on from the one before', async () => {
    const sessionId = await startSession();
    await ask(sessionId);
    expect((await ask(sessionId)).body).toMatchObject({ position: 2, session_id: sessionId });
    expect((await generate({ session_id: sessionId })).body).toMatchObject({ position: 3, session_id: sessionId });
  });

  test('is refused while another is open, with its id; the open one can be asked for again', async () => {
    const sessionId = await startSession();
    ending = undefined;
    const open = await ask(sessionId, {}, { ...keyed('k'), prefer: 'respond-async' });
    const { body, headers } = await expectRefused(() => ask(sessionId), 409, 'turn_open');
    expect(body.turn_id).toBe(open.body.id);
    expect(headers['x-should-retry']).toBe('false');
    expect((await ask(sessionId, {}, { ...keyed('k'), prefer: 'respond-async' })).headers['idempotency-replayed']).toBe(
      'true',
    );
  });

  test('of an ended session is refused; one that was played still answers', async () => {
    const sessionId = await startSession();
    const first = await ask(sessionId, {}, keyed('k'));
    await post(`/v1/sessions/${sessionId}/end`, {});
    await expectRefused(() => ask(sessionId), 409, 'session_ended');
    expect((await ask(sessionId, {}, keyed('k'))).body).toEqual(first.body);
  });

  test.each([
    ['of another game', { game_id: 'chess' }, 404, 'session_not_found'],
    ['of another scenario', { scenario_id: 'attic' }, 422, 'request_invalid'],
    ['for a player nobody knows', { player_id: 'mallory' }, 409, 'player_not_in_session'],
  ] as const)('%s is refused', async (_name, body, status, code) => {
    const sessionId = await startSession({ game_id: 'noir', player_id: 'alice' });
    await expectRefused(() => generate({ session_id: sessionId, ...body }), status, code);
  });

  test('for a player of another session is refused', async () => {
    await startSession({ player_id: 'bob' });
    const sessionId = await startSession({ player_id: 'alice' });
    await expectRefused(() => ask(sessionId, { player_id: 'bob' }), 409, 'player_not_in_session');
  });

  test('beyond the scenario’s last is refused', async () => {
    await post('/llm/configure', { turns: { max_turns: 1 } });
    const sessionId = await startSession();
    await ask(sessionId);
    await expectRefused(() => ask(sessionId), 409, 'session_turn_limit');
  });

  test.each([nobody, 'junk'])('in session %s is not found', async (sessionId) => {
    await expectRefused(() => ask(sessionId), 404, 'session_not_found');
  });
});

describe('Prefer: wait', () => {
  const wait = (seconds: string) => ({ ...keyed('k'), prefer: seconds });

  test('is answered in full when the turn ends in time', async () => {
    const { status, headers, body } = await generate({}, wait('wait=10'));
    expect(status).toBe(200);
    expect(body.response).toBe('At the inn.');
    expect(headers['preference-applied']).toBe('wait=10');
  });

  test.each([
    ['wait=2', 'wait=2'],
    ['respond-async, wait=2', 'respond-async, wait=2'],
  ])('%s is answered with where to look when the time is over', async (prefer, applied) => {
    ending = undefined;
    const asked = generate({}, wait(prefer));
    while (clock.sleeping < 2) await new Promise<void>((resolve) => setImmediate(resolve));
    const startedMs = clock.monotonicMs();
    const { status, headers, body } = await advanceUntil(clock, asked, 500);
    expect(status).toBe(202);
    expect(clock.monotonicMs() - startedMs).toBeLessThanOrEqual(3_000);
    expect(body).toMatchObject({ status: 'requested', response: null });
    expect(headers).toMatchObject({
      location: `/v1/sessions/${body.session_id}/turns/${body.id}`,
      'retry-after': '1',
      'preference-applied': applied,
    });
  });

  test('beside respond-async is answered in full when the turn ends in time', async () => {
    const { status, headers } = await generate({}, wait('respond-async, wait=10'));
    expect(status).toBe(200);
    expect(headers['preference-applied']).toBe('wait=10');
  });

  test('of 0 seconds waits for nothing', async () => {
    ending = undefined;
    expect(await generate({}, wait('wait=0'))).toMatchObject({
      status: 202,
      headers: { 'preference-applied': 'wait=0' },
    });
  });

  test('of 0 seconds answers a turn that has ended', async () => {
    const first = await generate({}, keyed('k'));
    expect(await generate({}, wait('wait=0'))).toMatchObject({ status: 200, body: first.body });
  });

  test('for longer than a request may wait is cut to that', async () => {
    ending = undefined;
    const asked = generate({}, wait('wait=999999'));
    while (clock.sleeping < 2) await new Promise<void>((resolve) => setImmediate(resolve));
    const { status, headers } = await advanceUntil(clock, asked, 1_000);
    expect(status).toBe(202);
    // The default deadline of 30 s, and what is given beyond it.
    expect(headers['preference-applied']).toBe('wait=33');
  });

  test('that is junk is ignored', async () => {
    const { status, headers } = await generate({}, wait('wait=soon'));
    expect(status).toBe(200);
    expect(headers['preference-applied']).toBeUndefined();
  });

  test('is named beside a bad ending too', async () => {
    ending = failing;
    expect(await generate({}, wait('wait=10'))).toMatchObject({
      status: 502,
      headers: { 'preference-applied': 'wait=10' },
    });
  });
});

describe('a turn that was answered makes room for the next', () => {
  // The clock stands still, so that one look at forgotten turns is all there is: 8 and 8 more would be let in without an answer.
  const more = Array.from({ length: 2 * limits.admission.maxOpenTurnsPerPlayer + 2 });

  test.each([
    ['waited for', {}],
    ['streamed', { stream: true }],
  ])('%s', async (_name, body) => {
    for (const _none of more) expect((await generate({ ...body, player_id: 'alice' })).status).toBe(200);
  });

  test('also with a bad ending', async () => {
    ending = failing;
    for (const _none of more) expect((await generate({ player_id: 'alice' })).status).toBe(502);
  });
});

describe('a turn with a trigger', () => {
  const trigger = { name: 'player_entered', args: { door: 'north' } };
  const triggered = (body: object = {}, headers = {}) => post('/llm/generate', { trigger, ...body }, headers);
  const requestedIn = async (sessionId: string) =>
    (await memory.readStream(sessionStream(sessionId)))
      .map(decodeEvent)
      .findLast(({ type }) => type === 'TurnRequested')?.data as {
      readonly speaker: object;
      readonly tokens: number;
      readonly text?: object;
    };

  test('lets the character speak first', async () => {
    const { status, body } = await triggered();
    expect(status).toBe(200);
    expect(body).toMatchObject({ prompt: null, trigger, response: 'At the inn.', position: 1 });
  });

  test('is told by the game, counts the tokens of its JSON, and says what happened to nobody but the key holder', async () => {
    const { body } = await triggered({ player_id: 'alice' });
    const requested = await requestedIn(body.session_id);
    expect(requested).toMatchObject({ speaker: { kind: 'game' }, trigger: { name: 'player_entered' } });
    // {"game_event":{"name":"player_entered","args":{"door":"north"}}}
    expect(requested.tokens).toBeGreaterThan(10);
    expect(requested).not.toHaveProperty('text');
    expect(JSON.stringify(requested)).not.toContain('north');
  });

  test('is the same turn under its key, and another under another', async () => {
    const first = await triggered({}, keyed('k'));
    expect((await triggered({}, keyed('k'))).body).toEqual(first.body);
    for (const other of [{ name: 'player_left' }, { ...trigger, args: { door: 'south' } }])
      await expectRefused(() => triggered({ trigger: other }, keyed('k')), 422, 'idempotency_key_reused');
    await expectRefused(() => generate({}, keyed('k')), 422, 'idempotency_key_reused');
  });

  test('may come in a session, of its player or without', async () => {
    const sessionId = await startSession({ player_id: 'alice' });
    await startSession({ player_id: 'bob' });
    expect((await triggered({ session_id: sessionId })).status).toBe(200);
    expect((await triggered({ session_id: sessionId, player_id: 'alice' })).status).toBe(200);
    for (const player of ['bob', 'mallory'])
      await expectRefused(() => triggered({ session_id: sessionId, player_id: player }), 409, 'player_not_in_session');
  });

  test.each<[string, object, number, string]>([
    ['beside a prompt', { prompt: 'Hello?' }, 422, 'request_invalid'],
    ['of no name', { trigger: { args: 1 } }, 422, 'request_invalid'],
    ['over 64 KiB', { trigger: { name: 'rain', args: 'x'.repeat(65_600) } }, 413, 'state_too_large'],
  ])('%s is refused', async (_name, body, status, code) => {
    await expectRefused(() => triggered(body), status, code);
  });
});

describe('an append of unknown outcome', () => {
  test('of a turn is 503 with what to ask for again, to be retried where the client has the key', async () => {
    log.onEveryAppend('unknown_unwritten');
    const { status, body, headers } = await advanceUntil(clock, generate({}, keyed('k')));
    expect(status).toBe(503);
    expect(body).toMatchObject({
      code: 'outcome_unknown',
      turn_id: expect.any(String),
      session_id: expect.any(String),
      idempotency_key: 'k',
    });
    expect(headers['x-should-retry']).toBe('true');
    log.onEveryAppend(undefined);
    expect((await generate({}, keyed('k'))).body.id).toBe(body.turn_id);
  });

  test('of a turn without a key must not be retried: it would be a second turn', async () => {
    log.onEveryAppend('unknown_unwritten');
    expect((await advanceUntil(clock, generate())).headers['x-should-retry']).toBe('false');
  });

  test('of a session likewise', async () => {
    log.onEveryAppend('unknown_unwritten');
    const withKey = await advanceUntil(clock, post('/v1/sessions', {}, keyed('k')));
    expect(withKey).toMatchObject({
      status: 503,
      headers: { 'x-should-retry': 'true' },
      body: { code: 'outcome_unknown', idempotency_key: 'k', session_id: expect.any(String) },
    });
    expect((await advanceUntil(clock, post('/v1/sessions', {}))).headers['x-should-retry']).toBe('false');
  });

  test('that was written after all is found by its key', async () => {
    ending = undefined;
    const asked = () => generate({}, { ...keyed('k'), prefer: 'respond-async' });
    log.onEveryAppend('unknown_written');
    const lost = await advanceUntil(clock, asked());
    log.onEveryAppend(undefined);
    const found = await asked();
    expect(lost).toMatchObject({ status: 503, body: { code: 'outcome_unknown' } });
    expect(found).toMatchObject({ status: 202, headers: { 'idempotency-replayed': 'true' } });
    expect(found.body.id).toBe(lost.body.turn_id);
  });
});

describe('POST /v1/sessions', () => {
  test('opens a session that its key finds again', async () => {
    const body = { player_id: 'alice', game_id: 'noir', metadata: { quest: 'harbour' } };
    const first = await post('/v1/sessions', body, keyed('a "b"'.replaceAll('"', '\\"')));
    expect(first.status).toBe(201);
    expect(first.body).toMatchObject({
      status: 'open',
      player_id: 'alice',
      game_id: 'noir',
      metadata: { quest: 'harbour' },
      turns: 0,
      scenario: { id: 'default', version: 1 },
    });
    expect(first.headers.location).toBe(`/v1/sessions/${first.body.id}`);
    const again = await post('/v1/sessions', body, { 'idempotency-key': String(first.headers['idempotency-key']) });
    expect(again).toMatchObject({ status: 200, body: first.body, headers: { 'idempotency-replayed': 'true' } });
  });

  test('a key with another body is refused', async () => {
    await post('/v1/sessions', { metadata: { a: 1 } }, keyed('k'));
    await expectRefused(() => post('/v1/sessions', { metadata: { a: 2 } }, keyed('k')), 422, 'idempotency_key_reused');
  });

  test('a key stays good when a new version is promoted; the session keeps its own', async () => {
    const first = await post('/v1/sessions', {}, keyed('k'));
    await post('/llm/configure', { persona: { name: 'Marta' } });
    expect((await post('/v1/sessions', {}, keyed('k'))).body).toEqual(first.body);
    expect((await post('/v1/sessions', {})).body.scenario).toEqual({ id: 'default', version: 2 });
    expect((await post('/v1/sessions', { scenario_version: 1 })).body.scenario).toEqual({ id: 'default', version: 1 });
  });

  test.each([{ scenario_id: 'attic' }, { scenario_version: 9 }])('of %j is not found', async (body) => {
    await expectRefused(() => post('/v1/sessions', body), 404, 'scenario_not_found');
  });
});

describe('cancelling a turn', () => {
  test('ends it with what was shown of it; asked again it answers the same', async () => {
    ending = undefined;
    const { body } = await generate({}, { prefer: 'respond-async' });
    const { keyId } = await ports.ledger.sessions.load(sessionStream(body.session_id));
    const key = await ports.vault.dataKey(keyId);
    if (key.outcome !== 'ok') throw new TypeError('no key');
    await ports.feed.publish(body.id, { id: feedIds.perAttempt, kind: 'started', payload: 'some-model' });
    const id = feedIds.perAttempt + 1;
    await ports.feed.publish(body.id, { id, kind: 'delta', payload: sealDelta(body.id, id, 'I was ', key, ids) });
    const path = `/v1/sessions/${body.session_id}/turns/${body.id}/cancel`;
    const cancelled = await post(path);
    expect(cancelled).toMatchObject({
      status: 200,
      body: { id: body.id, status: 'cancelled', response: 'I was ', error: { code: 'turn_cancelled' } },
    });
    expect((await post(path)).body).toEqual(cancelled.body);
  });

  test('wakes whoever waits for it', async () => {
    ending = undefined;
    const waiting = generate({}, keyed('k'));
    const { body } = await generate({}, { ...keyed('k'), prefer: 'respond-async' });
    await post(`/v1/sessions/${body.session_id}/turns/${body.id}/cancel`);
    expect(await waiting).toMatchObject({
      status: 409,
      body: { code: 'turn_cancelled', turn_id: body.id },
      headers: { 'x-should-retry': 'false' },
    });
  });

  test('that has ended is refused', async () => {
    const { body } = await generate();
    await expectRefused(
      () => post(`/v1/sessions/${body.session_id}/turns/${body.id}/cancel`),
      409,
      'turn_already_ended',
    );
  });

  test.each([nobody, 'junk'])('%s is not found', async (turnId) => {
    const sessionId = await startSession();
    await expectRefused(() => post(`/v1/sessions/${sessionId}/turns/${turnId}/cancel`), 404, 'turn_not_found');
  });
});

describe('ending a session', () => {
  test('says how it ended, once', async () => {
    const sessionId = await startSession();
    const ended = await post(`/v1/sessions/${sessionId}/end`, { outcome: 'won', score: 7 });
    expect(ended).toMatchObject({
      status: 200,
      body: { status: 'ended', outcome: 'won', score: 7, log_position: expect.any(String) },
    });
    expect((await post(`/v1/sessions/${sessionId}/end`, { outcome: 'lost' })).body).toEqual(ended.body);
  });

  test('cancels the turn that is open', async () => {
    ending = undefined;
    const sessionId = await startSession();
    const waiting = generate({ session_id: sessionId }, keyed('k'));
    await generate({ session_id: sessionId }, { ...keyed('k'), prefer: 'respond-async' });
    await post(`/v1/sessions/${sessionId}/end`, {});
    expect(await waiting).toMatchObject({ status: 409, body: { code: 'turn_cancelled' } });
  });

  test('that is not there is not found', async () => {
    await expectRefused(() => post(`/v1/sessions/${nobody}/end`, {}), 404, 'session_not_found');
  });
});

describe('POST /llm/configure', () => {
  const configure = (body: object, headers = {}) => post('/llm/configure', { scenario_id: 'tavern', ...body }, headers);
  const newest = async () => (await ports.ledger.scenarios.load('scenario-tavern')).versions.at(-1);

  test('publishes a version; the same content again is the same version', async () => {
    const first = await configure({ persona: { name: 'Marta' } });
    expect(first).toMatchObject({ status: 201, body: { scenario_id: 'tavern', version: 1 }, headers: { etag: '"1"' } });
    expect(await configure({ persona: { name: 'Marta' } })).toMatchObject({ status: 200, body: first.body });
    expect(await configure({ persona: { name: 'Rui' } })).toMatchObject({ status: 201, body: { version: 2 } });
  });

  test('what is absent keeps the newest version’s value', async () => {
    await configure({ persona: { name: 'Marta', greeting: 'Good evening.' }, fallback_lines: ['Hm.'] });
    await configure({ strategy: 'weighted' });
    expect(await newest()).toMatchObject({
      persona: { name: 'Marta', greeting: 'Good evening.' },
      fallbackLines: ['Hm.'],
      strategy: 'weighted',
    });
  });

  test('the flat form changes the first model', async () => {
    await configure({ models: [{ name: 'one', temperature: 0.1 }, { name: 'two' }] });
    expect((await configure({ model: 'three', max_tokens: 20, top_p: 0.5, stop: '.' })).status).toBe(201);
    expect((await newest())?.models).toMatchObject([
      { name: 'three', temperature: 0.1, maxTokens: 20, topP: 0.5, stop: ['.'] },
      { name: 'two' },
    ]);
    await expectRefused(() => configure({ model: 'three', models: [{ name: 'x' }] }), 422, 'request_invalid');
  });

  test('If-Match guards the version being edited', async () => {
    await configure({});
    expect((await configure({ note: 'two', strategy: 'fallback' }, { 'if-match': '"1"' })).status).toBe(201);
    const { body } = await expectRefused(
      () => configure({ strategy: 'weighted' }, { 'if-match': '"1"' }),
      412,
      'scenario_version_mismatch',
    );
    expect(body.version).toBe(2);
    await expectRefused(() => configure({}, { 'if-match': 'W/"x"' }), 422, 'request_invalid');
  });

  test('publish: false leaves new sessions where they are, until it is published', async () => {
    await configure({});
    await configure({ strategy: 'fallback', publish: false });
    expect((await post('/v1/sessions', { scenario_id: 'tavern' })).body.scenario).toEqual({ id: 'tavern', version: 1 });
    expect(await configure({ strategy: 'fallback' })).toMatchObject({ status: 200, body: { version: 2 } });
    expect((await post('/v1/sessions', { scenario_id: 'tavern' })).body.scenario).toEqual({ id: 'tavern', version: 2 });
  });

  test('an endpoint that the operator does not have is refused, with its place', async () => {
    const { body } = await expectRefused(
      () => configure({ models: [{ name: 'a' }, { name: 'b', endpoint: 'elsewhere' }] }),
      422,
      'endpoint_unknown',
    );
    expect(body.errors).toMatchObject([{ pointer: '/models/1/endpoint' }]);
    expect((await configure({ models: [{ name: 'a', endpoint: 'other' }] })).status).toBe(201);
  });

  test('answers with its own version when another designer adds one while the log does not say', async () => {
    await configure({});
    const rival = async () => {
      const own = openLedger({ log: memory, vault: ports.vault, clock, ids });
      const routes = commandRoutes({ ...ports, ledger: own });
      const other = await serveApp(
        buildHttpApp({ ids, log: silentLog, allowedHosts: ['localhost'], callers: localCallers, routes }).callback(),
      );
      await other.send({
        method: 'POST',
        path: '/llm/configure',
        headers: { host: 'localhost' },
        body: { scenario_id: 'tavern', strategy: 'weighted' },
      });
      await other.close();
    };
    log.onNextAppends('unknown_written', rival);
    const { status, body } = await advanceUntil(clock, configure({ strategy: 'fallback' }));
    const { versions } = await ports.ledger.scenarios.load('scenario-tavern');
    expect(versions.map(({ strategy }) => strategy)).toEqual(['single', 'fallback', 'weighted']);
    expect(status).toBe(201);
    expect(body).toMatchObject({ version: 2, config_hash: versions[1]?.configHash });
  });

  test('two designers at once get a version each', async () => {
    const replies = await Promise.all(['a', 'b', 'c'].map((name) => configure({ persona: { name } })));
    const versions = (await ports.ledger.scenarios.load('scenario-tavern')).versions;
    for (const { status, body } of replies.filter((reply) => reply.status !== 409)) {
      expect(status).toBe(201);
      expect(versions.find(({ version }) => version === body.version)?.configHash).toBe(body.config_hash);
    }
    expect(new Set(replies.filter((reply) => reply.status === 201).map(({ body }) => body.version)).size).toBe(
      versions.length,
    );
  });
});
