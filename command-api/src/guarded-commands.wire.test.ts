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
import { playerStream, sessionStream } from '@turnledger/shared/contracts';
import { reconfigureSession } from '@turnledger/shared/domain';
import { buildHttpApp, localCallers, openLedger, silentLog } from '@turnledger/shared/runtime';
import {
  absentViews,
  advanceUntil,
  FaultyEventLog,
  ManualClock,
  type PlainResponse,
  publishSample,
  type ServedApp,
  scriptedEndpoints,
  serveApp,
} from '@turnledger/shared/testing';
import { commandRoutes } from './app.ts';
import type { CommandPorts } from './ports.ts';
import { publishDefaultScenario } from './publish-default-scenario.ts';

type HeaderRecord = { readonly [name: string]: string };

const nobody = '0198c0de-0000-4000-8000-0000000000ff';

let clock: ManualClock;
let memory: MemoryEventLog;
let log: FaultyEventLog;
let records: VaultRecords;
let ports: CommandPorts;
let app: ServedApp;

beforeEach(async () => {
  clock = new ManualClock();
  memory = new MemoryEventLog({ clock });
  log = new FaultyEventLog(memory);
  records = emptyVaultRecords();
  const vault = openMemoryKeyVault({ ids, records });
  const ledger = openLedger({ log, vault, clock, ids });
  const feed = new MemoryTurnFeed({ clock });
  const turnRate = new MemoryRateCounter({ perMinute: 0, clock });
  const endpoints = scriptedEndpoints('default');
  ports = { ledger, vault, views: absentViews, feed, clock, ids, endpoints, turnRate };
  await publishDefaultScenario(ledger, 'test');
  const routes = commandRoutes(ports);
  app = await serveApp(
    buildHttpApp({ ids, log: silentLog, allowedHosts: ['localhost'], callers: localCallers, routes }).callback(),
  );
});

afterEach(() => app.close());

const bodyOf = (reply: PlainResponse) => reply.json() as Record<string, unknown> & { readonly id: string };

async function send(method: 'POST' | 'PUT', path: string, body: object, headers: HeaderRecord = {}) {
  const reply = await app.send({ method, path, body, headers: { host: 'localhost', ...headers } });
  return { status: reply.status, headers: reply.headers, body: bodyOf(reply) };
}

const post = (path: string, body: object = {}, headers: HeaderRecord = {}) => send('POST', path, body, headers);

const keyed = (key: string) => ({ 'idempotency-key': `"${key}"` });

const ifMatch = (value: string) => ({ 'if-match': value });

/** What is refused must leave the log as it was. */
async function expectRefused(asked: () => ReturnType<typeof post>, status: number, code: string) {
  const before = await memory.headPosition();
  const reply = await asked();
  expect(reply).toMatchObject({ status, body: { code } });
  expect(await memory.headPosition()).toBe(before);
  return reply;
}

describe('a session command with If-Match', () => {
  const startSession = () => post('/v1/sessions');
  const async = { prefer: 'respond-async' };

  test('takes the ETag that the start gave', async () => {
    const { body, headers } = await startSession();
    expect(headers.etag).toBe('"0"');
    const ended = await post(`/v1/sessions/${body.id}/end`, { outcome: 'won' }, ifMatch(String(headers.etag)));
    expect(ended).toMatchObject({ status: 200, headers: { etag: '"1"' } });
  });

  test.each([
    ['end', '/end', {}],
    ['turn', '/turns', { prompt: 'Hello?' }],
    ['reconfigure', '/reconfigure', { scenario_version: 1 }],
  ])('an %s at another revision is refused with the one that is there', async (_name, path, body) => {
    await post('/llm/configure', { strategy: 'fallback' });
    const { body: session } = await post('/v1/sessions', { scenario_version: 2 });
    const { body: problem, headers } = await expectRefused(
      () => post(`/v1/sessions/${session.id}${path}`, body, ifMatch('"7"')),
      412,
      'session_revision_mismatch',
    );
    expect(problem.revision).toBe(0);
    expect(headers).toMatchObject({ etag: '"0"', 'x-should-retry': 'false' });
  });

  test('a cancel at another revision is refused; at its own, and again after a lost answer, it cancels', async () => {
    const { body: session } = await startSession();
    const turn = await post(`/v1/sessions/${session.id}/turns`, { prompt: 'Hello?' }, async);
    const path = `/v1/sessions/${session.id}/turns/${turn.body.id}/cancel`;
    await expectRefused(() => post(path, {}, ifMatch('"0"')), 412, 'session_revision_mismatch');
    expect((await post(path, {}, ifMatch('"1"'))).status).toBe(200);
    expect((await post(path, {}, ifMatch('"1"'))).status).toBe(200);
  });

  test('a turn at the right revision is taken, and its key found again at any', async () => {
    const { body: session } = await startSession();
    const ask = () =>
      post(`/v1/sessions/${session.id}/turns`, { prompt: 'Hello?' }, { ...ifMatch('"0"'), ...keyed('k'), ...async });
    expect((await ask()).status).toBe(202);
    expect(await ask()).toMatchObject({ status: 202, headers: { 'idempotency-replayed': 'true' } });
  });

  test('* is any revision', async () => {
    const { body: session } = await startSession();
    expect((await post(`/v1/sessions/${session.id}/end`, {}, ifMatch('*'))).status).toBe(200);
  });

  test('an end whose answer was lost has succeeded; another end has not', async () => {
    const { body: session } = await startSession();
    const path = `/v1/sessions/${session.id}/end`;
    const first = await post(path, { outcome: 'won' }, ifMatch('"0"'));
    expect(await post(path, { outcome: 'won' }, ifMatch('"0"'))).toMatchObject({ status: 200, body: first.body });
    await expectRefused(() => post(path, { outcome: 'lost' }, ifMatch('"0"')), 412, 'session_revision_mismatch');
  });

  test('what is no tag of ours is refused', async () => {
    const { body: session } = await startSession();
    await expectRefused(() => post(`/v1/sessions/${session.id}/end`, {}, ifMatch('W/"0"')), 422, 'request_invalid');
  });
});

describe('reconfiguring a session', () => {
  const reconfigure = (id: string, body: object, headers = {}) => post(`/v1/sessions/${id}/reconfigure`, body, headers);

  test('moves it to another version; again it answers the same, whatever it had seen', async () => {
    const { body: session } = await post('/v1/sessions');
    await post('/llm/configure', { strategy: 'fallback' });
    const moved = await reconfigure(session.id, { scenario_version: 2 }, ifMatch('"0"'));
    expect(moved).toMatchObject({
      status: 200,
      body: { scenario: { id: 'default', version: 2 }, log_position: expect.any(String) },
      headers: { etag: '"1"' },
    });
    expect(await reconfigure(session.id, { scenario_version: 2 }, ifMatch('"0"'))).toMatchObject({
      status: 200,
      body: moved.body,
    });
  });

  describe('in another process', () => {
    const taking = (id: string, model: string) =>
      post(`/v1/sessions/${id}/turns`, { prompt: 'Hello?', model }, { prefer: 'respond-async' });

    /** A session whose models this process knows to be those of version 2, though it was just moved to version 3. */
    async function movedElsewhere(): Promise<string> {
      for (const name of ['old', 'new']) await post('/llm/configure', { models: [{ name }] });
      const { body } = await post('/v1/sessions', { scenario_version: 2 });
      const ledger = openLedger({ log: memory, vault: ports.vault, clock, ids });
      const command = { scenarioVersion: 3 };
      const context = { actor: 'game', correlationId: 'test' };
      await ledger.sessions.transact(sessionStream(body.id), (state) => reconfigureSession(command, state), {
        context,
      });
      return body.id;
    }

    test('lets its next turn ask for a model of the new version', async () => {
      expect(await taking(await movedElsewhere(), 'new')).toMatchObject({ status: 202 });
    });

    test('lets it ask no more for one of the old', async () => {
      const id = await movedElsewhere();
      await expectRefused(() => taking(id, 'old'), 422, 'model_not_in_scenario');
    });
  });

  test('to a version that is not there is not found', async () => {
    const { body: session } = await post('/v1/sessions');
    await expectRefused(() => reconfigure(session.id, { scenario_version: 2 }), 404, 'scenario_not_found');
  });

  test('of an ended session, or one that is not there, is refused', async () => {
    const { body: session } = await post('/v1/sessions');
    await post(`/v1/sessions/${session.id}/end`);
    await expectRefused(() => reconfigure(session.id, { scenario_version: 1 }), 409, 'session_ended');
    await expectRefused(() => reconfigure(nobody, { scenario_version: 1 }), 404, 'session_not_found');
  });

  test.each([{}, { scenario_version: 0 }, { scenario_version: 1, reason: 7 }])('needs a version: %j', async (body) => {
    const { body: session } = await post('/v1/sessions');
    await expectRefused(() => reconfigure(session.id, body), 422, 'request_invalid');
  });
});

test('a session may be opened on a version that another process has just published', async () => {
  await post('/v1/sessions');
  const elsewhere = {
    ledger: openLedger({ log: memory, vault: ports.vault, clock, ids }),
    vault: ports.vault,
    log,
    ids,
  };
  await publishSample(elsewhere, {}, 'default', false);
  expect(await post('/v1/sessions', { scenario_version: 2 })).toMatchObject({
    status: 201,
    body: { scenario: { version: 2 } },
  });
});

describe('retiring a scenario', () => {
  const retire = (body: object = {}, headers = {}) => post('/v1/scenarios/tavern/retire', body, headers);

  beforeEach(async () => {
    await post('/llm/configure', { scenario_id: 'tavern' });
  });

  test('says what new sessions took until then; again it answers the same', async () => {
    const retired = await retire({ reason: 'the season is over' });
    expect(retired).toMatchObject({
      status: 200,
      body: { scenario_id: 'tavern', version: 1, retired: true, log_position: expect.any(String) },
      headers: { etag: '"1"' },
    });
    expect((await retire()).body).toEqual(retired.body);
  });

  test('keeps new sessions, one-turn sessions and designers away', async () => {
    await retire();
    const tavern = { scenario_id: 'tavern' };
    await expectRefused(() => post('/v1/sessions', tavern), 409, 'scenario_retired');
    await expectRefused(() => post('/v1/sessions', { ...tavern, scenario_version: 1 }), 409, 'scenario_retired');
    await expectRefused(() => post('/v1/sessions', { ...tavern, player_id: 'stranger' }), 409, 'scenario_retired');
    expect(records.players.has('stranger')).toBe(false);
    await expectRefused(() => post('/llm/generate', { ...tavern, prompt: 'Hello?' }), 409, 'scenario_retired');
    await expectRefused(() => post('/llm/configure', { ...tavern, strategy: 'weighted' }), 409, 'scenario_retired');
  });

  test('leaves the keys good that opened sessions before', async () => {
    const body = { scenario_id: 'tavern', player_id: 'ana' };
    const first = await post('/v1/sessions', body, keyed('k'));
    await retire();
    const again = await post('/v1/sessions', body, keyed('k'));
    expect(again).toMatchObject({ status: 200, body: first.body, headers: { 'idempotency-replayed': 'true' } });
    await expectRefused(() => post('/v1/sessions', body, keyed('other')), 409, 'scenario_retired');
  });

  test('is guarded by the version', async () => {
    const { body } = await expectRefused(() => retire({}, ifMatch('"4"')), 412, 'scenario_version_mismatch');
    expect(body.version).toBe(1);
    expect((await retire({}, ifMatch('"1"'))).status).toBe(200);
  });

  test.each(['attic', 'No%20Name'])('of %s is not found', async (name) => {
    await expectRefused(() => post(`/v1/scenarios/${name}/retire`), 404, 'scenario_not_found');
  });

  test('of the default scenario outlives a restart', async () => {
    await post('/v1/scenarios/default/retire');
    await publishDefaultScenario(ports.ledger, 'test');
    await expectRefused(() => post('/v1/sessions'), 409, 'scenario_retired');
  });
});

describe('PUT /v1/players/{id}', () => {
  const put = (body: object = {}, headers = {}, id = 'steam:42') => send('PUT', `/v1/players/${id}`, body, headers);
  const profile = {
    display_name: 'Ana',
    locale: 'pt-PT',
    traits: { likes: ['ships'] },
    consent: { training: true, analytics: false },
  };

  test('makes a player known with their profile', async () => {
    const { status, body, headers } = await put(profile);
    expect(status).toBe(201);
    expect(body).toEqual({
      id: 'steam:42',
      ...profile,
      registered_at: '2026-01-01T00:00:00.000Z',
      updated_at: '2026-01-01T00:00:00.000Z',
      log_position: expect.any(String),
    });
    expect(headers.etag).toBe('"1"');
  });

  test('of a player who has played gives them a profile', async () => {
    await post('/v1/sessions', { player_id: 'steam:42' });
    expect(await put(profile)).toMatchObject({ status: 200, body: { display_name: 'Ana' }, headers: { etag: '"1"' } });
  });

  test('replaces the whole profile: what is absent is no longer known, nor agreed to', async () => {
    await put(profile);
    expect(await put({ locale: 'en' })).toMatchObject({
      status: 200,
      body: {
        display_name: null,
        locale: 'en',
        traits: null,
        consent: { training: false, analytics: false },
      },
      headers: { etag: '"2"' },
    });
  });

  test('the same again changes nothing, whatever order it is written in', async () => {
    const first = await put(profile);
    const before = await memory.headPosition();
    const again = await put(Object.fromEntries(Object.entries(profile).reverse()));
    expect(again).toMatchObject({ status: 200, body: first.body, headers: { etag: '"1"' } });
    expect(await memory.headPosition()).toBe(before);
  });

  test('is guarded by the revision; a repeat whose answer was lost has succeeded', async () => {
    await put(profile);
    const { body } = await expectRefused(() => put({}, ifMatch('"0"')), 412, 'player_revision_mismatch');
    expect(body.revision).toBe(1);
    expect((await put({ locale: 'en' }, ifMatch('"1"'))).status).toBe(200);
    expect((await put({ locale: 'en' }, ifMatch('"1"'))).status).toBe(200);
  });

  test.each(['"0"', '*'])('guarded by %s makes nobody known', async (tag) => {
    await expectRefused(() => put(profile, ifMatch(tag)), 412, 'player_revision_mismatch');
    expect(records.players.size).toBe(0);
  });

  test('keeps what a person wrote out of the log', async () => {
    await put(profile);
    const playerId = records.players.get('steam:42')?.playerId ?? '';
    const stored = (await memory.readStream(playerStream(playerId))).map(({ data }) => data).join('\n');
    expect(stored).toContain('pt-PT');
    for (const secret of ['Ana', 'ships', 'steam:42']) expect(stored).not.toContain(secret);
  });

  test('of an erased player is gone', async () => {
    await put(profile);
    records.keys.set(records.players.get('steam:42')?.keyId ?? '', null);
    await expectRefused(() => put(profile), 410, 'player_erased');
  });

  test('of an id that is none is refused', async () => {
    await expectRefused(() => put(profile, {}, 'a%20b'), 422, 'request_invalid');
    expect(records.players.size).toBe(0);
  });

  test('two first sights at once are one player', async () => {
    const replies = await Promise.all([put(profile), put(profile)]);
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 201]);
  });
});

describe('a key of POST /llm/configure', () => {
  const configure = (body: object, headers = {}) => post('/llm/configure', { scenario_id: 'tavern', ...body }, headers);
  const versions = async () => (await ports.ledger.scenarios.load('scenario-tavern')).versions.length;

  test('finds its version behind newer ones', async () => {
    await configure({});
    const first = await configure({ strategy: 'fallback' }, keyed('k'));
    expect(first).toMatchObject({ status: 201, headers: { 'idempotency-key': '"k"' } });
    expect(first.headers['idempotency-replayed']).toBeUndefined();
    await configure({ strategy: 'weighted' });
    const again = await configure({ strategy: 'fallback' }, keyed('k'));
    expect(again).toMatchObject({ status: 200, headers: { 'idempotency-replayed': 'true', etag: '"2"' } });
    expect(again.body).toMatchObject({ version: 2, config_hash: first.body.config_hash });
    expect(await versions()).toBe(3);
  });

  test('without it the same would be a version more', async () => {
    await configure({ strategy: 'fallback' });
    await configure({ strategy: 'weighted' });
    expect(await configure({ strategy: 'fallback' })).toMatchObject({ status: 201, body: { version: 3 } });
  });

  test('with another body is refused', async () => {
    await configure({ strategy: 'fallback' }, keyed('k'));
    await expectRefused(() => configure({ strategy: 'weighted' }, keyed('k')), 422, 'idempotency_key_reused');
    await expectRefused(() => configure({}, keyed('k')), 422, 'idempotency_key_reused');
  });

  test('is good again though what it asked no longer goes with what others have changed', async () => {
    await configure({ deadlines: { first_token_ms: 20_000 } }, keyed('k'));
    await configure({ deadlines: { first_token_ms: 5_000, total_ms: 10_000 } });
    await expectRefused(() => configure({ deadlines: { first_token_ms: 20_000 } }), 422, 'request_invalid');
    expect(await configure({ deadlines: { first_token_ms: 20_000 } }, keyed('k'))).toMatchObject({
      status: 200,
      body: { version: 1 },
    });
  });

  test('of which the log did not say what became is found by asking again', async () => {
    log.onEveryAppend('unknown_written');
    const lost = await advanceUntil(clock, configure({ strategy: 'fallback' }, keyed('k')));
    expect(lost).toMatchObject({
      status: 503,
      body: { code: 'outcome_unknown', idempotency_key: 'k' },
      headers: { 'x-should-retry': 'true' },
    });
    log.onEveryAppend(undefined);
    expect(await configure({ strategy: 'fallback' }, keyed('k'))).toMatchObject({
      status: 200,
      body: { version: 1 },
      headers: { 'idempotency-replayed': 'true' },
    });
  });

  test('is recorded as a hash that says nothing of it', async () => {
    await configure({ strategy: 'fallback' }, keyed('a-telling-key'));
    const stored = (await memory.readStream('scenario-tavern')).map(({ data }) => data).join('\n');
    expect(stored).not.toContain('a-telling-key');
    expect(stored).toMatch(/"keyHash":"[0-9a-f]{64}"/);
  });

  test('that is none is refused', async () => {
    await expectRefused(() => configure({}, { 'idempotency-key': '"' }), 422, 'request_invalid');
  });
});

describe('a fork', () => {
  /** A session of a player's with one turn that has ended. */
  const played = async () => {
    const { body } = await post('/v1/sessions', { player_id: 'alice' });
    const turn = await post(`/v1/sessions/${body.id}/turns`, { prompt: 'Hello?' }, { prefer: 'respond-async' });
    await post(`/v1/sessions/${body.id}/turns/${turn.body.id}/cancel`);
    return body.id;
  };

  test('of an erased player is refused, by any key', async () => {
    const id = await played();
    expect((await post(`/v1/sessions/${id}/fork`, {}, keyed('made'))).status).toBe(201);
    records.keys.set(records.players.get('alice')?.keyId ?? '', null);
    await expectRefused(() => post(`/v1/sessions/${id}/fork`, {}, keyed('made')), 410, 'player_erased');
    await expectRefused(() => post(`/v1/sessions/${id}/fork`), 410, 'player_erased');
  });

  test('of nobody’s session has a data key of its own, which is there before its first event', async () => {
    const { body } = await post('/v1/sessions');
    const turn = await post(`/v1/sessions/${body.id}/turns`, { prompt: 'Hello?' }, { prefer: 'respond-async' });
    await post(`/v1/sessions/${body.id}/turns/${turn.body.id}/cancel`);
    const before = records.keys.size;
    const fork = await post(`/v1/sessions/${body.id}/fork`, { metadata: { quest: 'harbour' } });
    expect(fork).toMatchObject({ status: 201, body: { metadata: { quest: 'harbour' } } });
    expect(records.keys.size).toBe(before + 1);
  });

  test('whose answer was lost is the one that its key made, though its session has gone on', async () => {
    const id = await played();
    const made = await post(`/v1/sessions/${id}/fork`, {}, keyed('once'));
    await post(`/v1/sessions/${id}/turns`, { prompt: 'And then?' }, { prefer: 'respond-async' });
    const head = await memory.headPosition();
    const again = await post(`/v1/sessions/${id}/fork`, {}, keyed('once'));
    expect(again).toMatchObject({ status: 200, body: { id: made.body.id, turns: 1 } });
    expect(await memory.headPosition()).toBe(head);
  });

  test('is found by its key also when its session was rewound to its start', async () => {
    const id = await played();
    const made = await post(`/v1/sessions/${id}/fork`, {}, keyed('once'));
    await post(`/v1/sessions/${id}/rewind`, { to_turn_id: null });
    const again = await post(`/v1/sessions/${id}/fork`, {}, keyed('once'));
    expect(again).toMatchObject({ status: 200, body: { id: made.body.id, turns: 1 } });
    await expectRefused(
      () => post(`/v1/sessions/${id}/fork`, { at_turn_id: nobody }, keyed('once')),
      422,
      'idempotency_key_reused',
    );
    await expectRefused(() => post(`/v1/sessions/${id}/fork`, {}, keyed('new')), 404, 'turn_not_found');
  });
});

describe('a session that is not there', () => {
  test.each([
    ['rewind', { to_turn_id: null }],
    ['bookmarks', {}],
    ['fork', {}],
  ])('is not found by %s', async (command, body) => {
    await expectRefused(() => post(`/v1/sessions/${nobody}/${command}`, body), 404, 'session_not_found');
  });
});
