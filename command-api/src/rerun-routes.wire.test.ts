import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  emptyVaultRecords,
  MemoryEventLog,
  MemoryRateCounter,
  MemoryTurnFeed,
  openMemoryKeyVault,
  type VaultRecords,
} from '@turnledger/shared/adapters/memory';
import { migratePostgres, openPostgresViewDatabase, openPostgresViewStore } from '@turnledger/shared/adapters/postgres';
import { systemIds as ids } from '@turnledger/shared/adapters/system';
import { limits, rerunStream, scenarioStream, sessionStream, views, viewTable } from '@turnledger/shared/contracts';
import { cancelTurn, openGate, type ScenarioConfig } from '@turnledger/shared/domain';
import type { ViewStore } from '@turnledger/shared/ports';
import {
  buildHttpApp,
  type Caller,
  type EndpointFacts,
  localCaller,
  openLedger,
  priceTable,
  silentLog,
} from '@turnledger/shared/runtime';
import {
  advanceUntil,
  answerSample,
  FaultyEventLog,
  type FreshDatabase,
  fillViews,
  freshDatabase,
  ManualClock,
  publishSample,
  requestSample,
  type ServedApp,
  serveApp,
  startSample,
} from '@turnledger/shared/testing';
import { Pool } from 'pg';
import { commandRoutes } from './app.ts';
import { derivedRerunId } from './idempotency.ts';
import type { CommandPorts } from './ports.ts';

type Document = Readonly<Record<string, unknown>> & { readonly id: string };
type Changes = Partial<ScenarioConfig>;

const context = { actor: 'game', correlationId: 'test' };
const nobody = '0198c0de-0000-4000-8000-0000000000ff';
const boundTo = (gameId: string): Caller => ({ subject: 'server', role: 'game', gameId });
const price = { inputPerMillionUsd: 2, cachedInputPerMillionUsd: 1, outputPerMillionUsd: 8 };
const asPaid = { model: { endpoint: 'paid' } };

let database: FreshDatabase;
let pool: Pool;
let store: ViewStore;
let clock: ManualClock;
let memory: MemoryEventLog;
let log: FaultyEventLog;
let records: VaultRecords;
let endpoints: Map<string, EndpointFacts>;
let ports: CommandPorts;
let app: ServedApp;
let caller: Caller;
let scenarioId: string;
let scenarios = 0;

const played = () => ({ ...ports, log: memory });

beforeAll(async () => {
  database = await freshDatabase();
  await migratePostgres(database);
  pool = new Pool({ connectionString: database.connectionString, max: 3 });
  // A connection may still be closing when its database is dropped under it.
  pool.on('error', () => {});
  store = openPostgresViewStore({ pool });
  clock = new ManualClock(Date.UTC(2026, 4, 1, 12));
  memory = new MemoryEventLog({ clock });
  log = new FaultyEventLog(memory);
  records = emptyVaultRecords();
  endpoints = new Map();
  const vault = openMemoryKeyVault({ ids, records });
  ports = {
    ledger: openLedger({ log, vault, clock, ids }),
    vault,
    views: openPostgresViewDatabase({ pool }),
    feed: new MemoryTurnFeed({ clock }),
    clock,
    ids,
    endpoints,
    turnRate: new MemoryRateCounter({ perMinute: 0, clock }),
  };
  const callers = { isOpen: true, authenticate: async () => caller };
  const routes = commandRoutes(ports);
  app = await serveApp(buildHttpApp({ ids, log: silentLog, allowedHosts: ['localhost'], callers, routes }).callback());
});

beforeEach(async () => {
  caller = localCaller;
  endpoints.clear();
  endpoints.set('main', { defaultModel: 'scripted', isScripted: true });
  endpoints.set('paid', { defaultModel: 'large', isScripted: false, prices: priceTable({ large: price }) });
  endpoints.set('unpriced', { defaultModel: 'large', isScripted: false });
  scenarios += 1;
  scenarioId = `bridge-${scenarios}`;
  await publish();
});

afterAll(async () => {
  await app.close();
  await pool.end();
  await database.drop();
});

const keyed = (key: string) => ({ 'idempotency-key': key });

async function post(path: string, body: object = {}, headers: { readonly [name: string]: string } = {}) {
  const reply = await app.send({ method: 'POST', path, body, headers: { host: 'localhost', ...headers } });
  return { status: reply.status, headers: reply.headers, body: reply.json() as Document };
}

/** What is refused, or only estimated, must leave the log as it was. */
async function unrecorded(asked: Promise<Awaited<ReturnType<typeof post>>>) {
  const before = await memory.headPosition();
  const reply = await asked;
  expect(await memory.headPosition()).toBe(before);
  return reply;
}

const publish = (changes: Changes = {}) => publishSample(played(), changes, scenarioId);

/** A version that is not promoted. */
const draft = (changes: object = { strategy: 'fallback' }) =>
  post('/llm/configure', { scenario_id: scenarioId, ...changes, publish: false });

const start = (gameId?: string) => startSample(played(), { scenarioId, ...(gameId !== undefined && { gameId }) });

/** Plays a session of that many turns; 120 tokens in and 30 out each, of a model that costs nothing. */
async function play(turns = 2, gameId?: string): Promise<string> {
  const sessionId = await start(gameId);
  for (let turn = 0; turn < turns; turn += 1) await answerSample(played(), await requestSample(played(), sessionId));
  return sessionId;
}

async function erasePlayerOf(sessionId: string): Promise<void> {
  const { keyId } = await ports.ledger.sessions.load(sessionStream(sessionId));
  records.keys.set(keyId, null);
}

const catchUp = () => fillViews(store, memory);
const requestOf = async (rerunId: string) => (await ports.ledger.reruns.load(rerunStream(rerunId))).request;
const sessionsOf = async (rerunId: string) =>
  (await requestOf(rerunId))?.sources.map(({ sessionId }) => sessionId).sort() ?? [];
const gatesOf = async () => (await ports.ledger.scenarios.load(scenarioStream(scenarioId))).gates;

describe('a re-run of a session', () => {
  const rerun = (sessionId: string, body: object = {}, headers = {}) =>
    post(`/v1/sessions/${sessionId}/reruns`, body, headers);

  test('is recorded with all that it will do, and runs', async () => {
    const sessionId = await play();
    const reply = await rerun(sessionId, { overrides: { ...asPaid, temperature: 0.5 }, concurrency: 2 }, keyed('k'));
    expect(reply).toMatchObject({
      status: 202,
      headers: { location: `/v1/reruns/${reply.body.id}`, 'idempotency-key': '"k"' },
      body: {
        status: 'running',
        scenario_id: scenarioId,
        game_id: null,
        // The endpoint's own model, so that a change of the configuration does not change what was asked.
        overrides: { model: { name: 'large', endpoint: 'paid' }, temperature: 0.5 },
        progress: { sessions: 1, turns: 2, compared: 0 },
        requested_at: new Date(clock.nowMs()).toISOString(),
        ended_at: null,
        log_position: expect.any(String),
      },
    });
    expect((await requestOf(reply.body.id))?.sources).toMatchObject([{ sessionId, turns: 2 }]);
  });

  test('is found by its key, also when its endpoint is gone and the session has gone on', async () => {
    const sessionId = await play();
    const first = await rerun(sessionId, { overrides: asPaid }, keyed('k'));
    endpoints.delete('paid');
    await answerSample(played(), await requestSample(played(), sessionId));
    const again = await unrecorded(rerun(sessionId, { overrides: asPaid }, keyed('k')));
    expect(again).toMatchObject({ status: 200, headers: { 'idempotency-replayed': 'true' }, body: first.body });
  });

  test('with another body under its key is refused', async () => {
    const sessionId = await play();
    await rerun(sessionId, {}, keyed('k'));
    const other = await unrecorded(rerun(sessionId, { reuse: false }, keyed('k')));
    expect(other).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
  });

  test('of whose recording the log says nothing is found by asking again', async () => {
    const sessionId = await play();
    log.onEveryAppend('unknown_written');
    const lost = await advanceUntil(clock, rerun(sessionId, {}, keyed('k')));
    log.onEveryAppend(undefined);
    expect(lost).toMatchObject({
      status: 503,
      headers: { 'x-should-retry': 'true' },
      body: { code: 'outcome_unknown', idempotency_key: 'k' },
    });
    expect(await rerun(sessionId, {}, keyed('k'))).toMatchObject({ status: 200, body: { id: lost.body.rerun_id } });
  });

  test('goes through the turn that is named', async () => {
    const sessionId = await play();
    const message = await requestSample(played(), sessionId);
    await answerSample(played(), message);
    await answerSample(played(), await requestSample(played(), sessionId));
    const { body } = await rerun(sessionId, { through_turn_id: message.turnId });
    expect((await requestOf(body.id))?.sources).toEqual([{ sessionId, throughTurnId: message.turnId, turns: 3 }]);
  });

  test('stops before a turn that is open', async () => {
    const sessionId = await play();
    const { turnId } = await requestSample(played(), sessionId);
    expect((await rerun(sessionId)).body).toMatchObject({ progress: { turns: 2 } });
    const through = await unrecorded(rerun(sessionId, { through_turn_id: turnId }));
    expect(through).toMatchObject({ status: 409, body: { code: 'turn_open', turn_id: turnId } });
  });

  test("through a turn that is not there, or another session's, is refused alike", async () => {
    const [sessionId, other] = [await play(), await play(0)];
    const foreign = await requestSample(played(), other);
    await answerSample(played(), foreign);
    for (const turnId of [nobody, foreign.turnId]) {
      const reply = await unrecorded(rerun(sessionId, { through_turn_id: turnId }));
      expect(reply).toMatchObject({ status: 404, body: { code: 'turn_not_found' } });
    }
  });

  test('without a turn that was answered or failed is empty', async () => {
    const sessionId = await start();
    const { turnId } = await requestSample(played(), sessionId);
    const command = { turnId, by: 'game', reason: 'requested' } as const;
    await ports.ledger.sessions.transact(sessionStream(sessionId), (state) => cancelTurn(command, state), { context });
    expect(await unrecorded(rerun(sessionId))).toMatchObject({ status: 422, body: { code: 'rerun_empty' } });
  });

  test('of an erased player is refused', async () => {
    const sessionId = await play();
    await erasePlayerOf(sessionId);
    expect(await unrecorded(rerun(sessionId))).toMatchObject({ status: 410, body: { code: 'player_erased' } });
  });

  test.each([
    ['an endpoint that is not configured', { endpoint: 'gone' }, '/overrides/model/endpoint'],
    ['another name at a scripted endpoint', { name: 'large', endpoint: 'main' }, '/overrides/model/name'],
  ])('against %s is refused', async (_name, model, pointer) => {
    const reply = await unrecorded(rerun(await play(), { overrides: { model } }));
    expect(reply).toMatchObject({ status: 422, body: { code: 'model_unavailable', errors: [{ pointer }] } });
  });

  test.each([{ temperature: 3 }, { top_p: -1 }, { max_tokens: 0 }, { scenario_version: 0 }, { prompt: 'x' }])(
    'with %j is refused',
    async (overrides) => {
      const reply = await unrecorded(rerun(await play(1), { overrides }));
      expect(reply).toMatchObject({ status: 422, body: { code: 'request_invalid' } });
    },
  );

  test('against a version that is not there is refused', async () => {
    const reply = await unrecorded(rerun(await play(1), { overrides: { scenario_version: 2 } }));
    expect(reply).toMatchObject({ status: 404, body: { code: 'scenario_not_found' } });
  });

  test('with a cap needs the price of its model', async () => {
    const sessionId = await play();
    const cap = { spend_cap_micro_usd: 1_000 };
    const overrides = { model: { endpoint: 'unpriced' } };
    expect(await unrecorded(rerun(sessionId, { ...cap, overrides }))).toMatchObject({
      status: 422,
      body: { code: 'price_unknown', errors: [{ pointer: '/spend_cap_micro_usd' }] },
    });
    const capped = await rerun(sessionId, { ...cap, overrides: asPaid });
    expect(capped).toMatchObject({ status: 202, body: { spend_cap_micro_usd: 1_000 } });
  });

  test('with a cap needs the price of every model that its version may ask', async () => {
    const sessionId = await play();
    const choice = { weight: 1, stop: [] };
    const models = [
      { name: 'default', endpoint: 'main', ...choice },
      { name: 'large', endpoint: 'unpriced', ...choice },
    ];
    await publish({ models, strategy: 'fallback' });
    const cap = { spend_cap_micro_usd: 1_000 };
    expect((await rerun(sessionId, cap)).status).toBe(202);
    const moved = await unrecorded(rerun(sessionId, { ...cap, overrides: { scenario_version: 2 } }));
    expect(moved).toMatchObject({ status: 422, body: { code: 'price_unknown' } });
  });

  test('is not there for a token of another game, and not for players', async () => {
    const sessionId = await play(1, 'noir');
    caller = boundTo('rouge');
    expect(await unrecorded(rerun(sessionId))).toMatchObject({ status: 404, body: { code: 'session_not_found' } });
    caller = boundTo('noir');
    expect(await rerun(sessionId)).toMatchObject({ status: 202, body: { game_id: 'noir' } });
    caller = { subject: 'alice', role: 'player' };
    expect(await unrecorded(rerun(sessionId))).toMatchObject({ status: 403, body: { code: 'role_not_allowed' } });
  });

  test('of a session that is not there is refused', async () => {
    expect(await unrecorded(rerun(nobody))).toMatchObject({ status: 404, body: { code: 'session_not_found' } });
  });

  describe('as a dry run', () => {
    /** Of the two turns of a session, as the views have them. */
    const estimate = async (body: object, headers = {}) => {
      const sessionId = await play();
      await catchUp();
      return (await unrecorded(rerun(sessionId, { ...body, dry_run: true }, headers))).body;
    };

    test('records nothing, and says what it would cost', async () => {
      expect(await estimate({ overrides: asPaid }, keyed('k'))).toEqual({
        dry_run: true,
        sessions: 1,
        turns: 2,
        reusable_turns: 0,
        prompt_tokens: 240,
        completion_tokens: 60,
        cost_micro_usd: 2 * (120 * 2 + 30 * 8),
      });
    });

    test('takes recorded replies for free where nothing changes', async () => {
      const free = { reusable_turns: 2, prompt_tokens: 0, completion_tokens: 0, cost_micro_usd: 0 };
      expect(await estimate({})).toMatchObject(free);
      expect(await estimate({ overrides: { scenario_version: 1 } })).toMatchObject(free);
    });

    test.each([
      ['none shall stand', { reuse: false }, 0],
      ['a parameter changes', { overrides: { temperature: 1 } }, 0],
      ['the new model has no price', { overrides: { model: { endpoint: 'unpriced' } } }, null],
    ])('asks every turn where %s', async (_name, body, cost) => {
      const reply = await estimate(body);
      expect(reply).toMatchObject({ reusable_turns: 0, prompt_tokens: 240, cost_micro_usd: cost });
    });

    test('leaves its key to the re-run that comes after it', async () => {
      const sessionId = await play();
      await rerun(sessionId, { dry_run: true }, keyed('k'));
      expect((await rerun(sessionId, {}, keyed('k'))).status).toBe(202);
    });
  });
});

describe('a re-run of many sessions', () => {
  const rerun = (body: object = {}, headers = {}) => post('/v1/reruns', { scenario_id: scenarioId, ...body }, headers);

  test('takes those of the scenario that have turns, and whose players are there', async () => {
    const [one, other, erased] = [await play(1), await play(2), await play(1)];
    await start();
    await erasePlayerOf(erased);
    await catchUp();
    const { status, body } = await rerun();
    expect([status, await sessionsOf(body.id)]).toEqual([202, [one, other].sort()]);
    expect(body).toMatchObject({ progress: { sessions: 2, turns: 3 } });
  });

  test('takes those that began within the time', async () => {
    await play(1);
    await clock.advanceBy(1_000);
    const from = new Date(clock.nowMs()).toISOString();
    const within = await play(1);
    await clock.advanceBy(1_000);
    const to = new Date(clock.nowMs()).toISOString();
    await play(1);
    await catchUp();
    expect(await sessionsOf((await rerun({ from, to })).body.id)).toEqual([within]);
  });

  test('takes those that play the version, as the ledger has them', async () => {
    const [stays, moves] = [await play(1), await play(1)];
    await publish({ strategy: 'fallback' });
    const newer = await play(1);
    await catchUp();
    await post(`/v1/sessions/${moves}/reconfigure`, { scenario_version: 2 });
    expect(await sessionsOf((await rerun({ scenario_version: 1 })).body.id)).toEqual([stays]);
    expect(await sessionsOf((await rerun({ scenario_version: 2 })).body.id)).toEqual([newer]);
  });

  test('takes those of the game that binds the token, and of no other', async () => {
    const [noir] = [await play(1, 'noir'), await play(1, 'rouge'), await play(1)];
    await catchUp();
    caller = boundTo('noir');
    const { body } = await rerun();
    expect([body.game_id, await sessionsOf(body.id)]).toEqual(['noir', [noir]]);
    const foreign = await unrecorded(rerun({ game_id: 'rouge' }));
    expect(foreign).toMatchObject({ status: 403, body: { code: 'role_not_allowed' } });
  });

  test('of one game is not that of another, though both are asked for under one name and key', async () => {
    const [noir, rouge] = [await play(1, 'noir'), await play(1, 'rouge')];
    await catchUp();
    caller = boundTo('noir');
    expect(await sessionsOf((await rerun({}, keyed('nightly'))).body.id)).toEqual([noir]);
    caller = boundTo('rouge');
    const { status, body } = await rerun({}, keyed('nightly'));
    expect([status, body.game_id, await sessionsOf(body.id)]).toEqual([202, 'rouge', [rouge]]);
  });

  test('answers one key with one re-run, whatever was played since', async () => {
    await play(1);
    await catchUp();
    const first = await rerun({}, keyed('k'));
    await play(1);
    await catchUp();
    expect(await unrecorded(rerun({}, keyed('k')))).toMatchObject({ status: 200, body: first.body });
  });

  test('of none is empty; of a scenario or version that is not there it is refused', async () => {
    await catchUp();
    expect(await unrecorded(rerun())).toMatchObject({ status: 422, body: { code: 'rerun_empty' } });
    for (const body of [{ scenario_id: 'nowhere' }, { scenario_version: 2 }]) {
      const reply = await unrecorded(rerun(body));
      expect(reply).toMatchObject({ status: 404, body: { code: 'scenario_not_found' } });
    }
  });

  test('of more sessions than one may have is refused', async () => {
    const record = JSON.stringify({ scenarioId, scenarioVersion: 1, startedAt: '2026-05-01T12:00:00.000Z' });
    await pool.query(
      `insert into ${viewTable(views.sessions)} (key, stream, revision, record)
       select gen_random_uuid()::text, 'session-of-a-test', 0, $1::jsonb from generate_series(1, $2)`,
      [record, limits.rerun.maxSessions + 1],
    );
    expect(await unrecorded(rerun())).toMatchObject({ status: 422, body: { code: 'rerun_too_large' } });
  });
});

describe('a gate', () => {
  const asked = { version: 2, thresholds: { min_turns: 1, max_failed_rate: 0.1 } };
  const gate = (body: object = {}, headers = {}) =>
    post(`/v1/scenarios/${scenarioId}/gate`, { ...asked, ...body }, headers);

  beforeEach(async () => {
    await play(1);
    await draft();
    await catchUp();
  });

  test('holds the version back and asks the turns of the promoted one again under it', async () => {
    const reply = await gate({}, keyed('k'));
    expect(reply).toMatchObject({
      status: 202,
      headers: { location: `/v1/reruns/${reply.body.id}` },
      body: {
        overrides: { scenario_version: 2 },
        progress: { sessions: 1, turns: 1 },
        gate: { version: 2, rerun_id: reply.body.id, thresholds: asked.thresholds, outcome: null },
      },
    });
    expect(await unrecorded(gate({}, keyed('k')))).toMatchObject({ status: 200, body: reply.body });
    expect(await ports.ledger.scenarios.load(scenarioStream(scenarioId))).toMatchObject({ promotedVersion: 1 });
  });

  test('is open once, however many ask at the same moment', async () => {
    const replies = await Promise.all([gate({}, keyed('one')), gate({}, keyed('other'))]);
    const [opened, refused] = replies.sort((one, other) => one.status - other.status);
    expect(opened?.status).toBe(202);
    expect(refused).toMatchObject({ status: 409, body: { code: 'gate_open', rerun_id: opened?.body.id } });
    expect(await gatesOf()).toHaveLength(1);
  });

  test('keeps configuring from publishing until it is closed', async () => {
    const { body } = await gate();
    const configure = { scenario_id: scenarioId, strategy: 'weighted' };
    const published = await unrecorded(post('/llm/configure', configure));
    expect(published).toMatchObject({ status: 409, body: { code: 'gate_open', rerun_id: body.id } });
    expect((await post('/llm/configure', { ...configure, publish: false })).status).toBe(201);
  });

  test.each([
    ['the promoted version', { version: 1 }, 409, 'version_promoted'],
    ['a version that is not there', { version: 3 }, 404, 'scenario_not_found'],
    ['sessions of a version that is not there', { scenario_version: 3 }, 404, 'scenario_not_found'],
    ['sessions that are not there', { scenario_version: 2 }, 422, 'rerun_empty'],
    ['nothing to meet', { thresholds: {} }, 422, 'request_invalid'],
  ])('for %s is refused', async (_name, body, status, code) => {
    expect(await unrecorded(gate(body))).toMatchObject({ status, body: { code } });
  });

  test('of a retired scenario is refused, and so is one by a token of a game', async () => {
    caller = boundTo('noir');
    expect(await unrecorded(gate())).toMatchObject({ status: 403, body: { code: 'role_not_allowed' } });
    caller = localCaller;
    await post(`/v1/scenarios/${scenarioId}/retire`);
    expect(await unrecorded(gate())).toMatchObject({ status: 409, body: { code: 'scenario_retired' } });
  });

  describe('whose request died before its re-run was recorded', () => {
    const thresholds = { minTurns: 1, maxFailedRate: 0.1 };
    const die = (rerunId: string) =>
      ports.ledger.scenarios.transact(
        scenarioStream(scenarioId),
        (state) => openGate({ version: 2, rerunId, thresholds }, state),
        { context },
      );
    const idOf = (key: string) => derivedRerunId({ principal: 'local', kind: 'gate', target: scenarioId, key });

    test('makes way for another after a minute', async () => {
      await die(ids.uuid());
      expect(await unrecorded(gate())).toMatchObject({ status: 409, body: { code: 'gate_open' } });
      await clock.advanceBy(limits.rerun.abandonedGateMs + 1);
      const { status, body } = await gate();
      expect(status).toBe(202);
      expect(await gatesOf()).toMatchObject([{ outcome: 'abandoned' }, { rerunId: body.id }]);
    });

    test('goes on where it was when it is asked for again', async () => {
      await die(idOf('k'));
      expect(await gate({}, keyed('k'))).toMatchObject({
        status: 202,
        body: { id: idOf('k'), gate: { outcome: null } },
      });
      expect(await gatesOf()).toHaveLength(1);
    });

    test('is not taken for one with other thresholds under its key', async () => {
      await die(idOf('k'));
      const other = await unrecorded(gate({ thresholds: { min_turns: 2 } }, keyed('k')));
      expect(other).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
    });
  });
});

describe('cancelling a re-run', () => {
  const cancel = (rerunId: string) => post(`/v1/reruns/${rerunId}/cancel`);

  test('stops it; again it answers the same', async () => {
    const { body } = await post(`/v1/sessions/${await play(1)}/reruns`);
    const cancelled = await cancel(body.id);
    expect(cancelled).toMatchObject({ status: 200, body: { id: body.id, status: 'cancelling' } });
    expect(await unrecorded(cancel(body.id))).toMatchObject({ status: 200, body: cancelled.body });
  });

  test("that is not there, or another game's, is refused alike", async () => {
    const { body } = await post(`/v1/sessions/${await play(1, 'noir')}/reruns`);
    caller = boundTo('rouge');
    for (const rerunId of [nobody, 'no-id', body.id]) {
      expect(await unrecorded(cancel(rerunId))).toMatchObject({ status: 404, body: { code: 'rerun_not_found' } });
    }
    caller = boundTo('noir');
    expect((await cancel(body.id)).status).toBe(200);
  });
});
