import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  emptyVaultRecords,
  MemoryEventLog,
  MemoryTurnFeed,
  openMemoryKeyVault,
} from '@turnledger/shared/adapters/memory';
import { migratePostgres, openPostgresViewDatabase, openPostgresViewStore } from '@turnledger/shared/adapters/postgres';
import { systemIds as ids } from '@turnledger/shared/adapters/system';
import {
  pageSchema,
  positionToken,
  rerunListSchema,
  rerunSchema,
  rerunStream,
  rerunTurnSchema,
  scenarioStream,
  sessionStream,
} from '@turnledger/shared/contracts';
import {
  cancelRerun,
  closeGate,
  completeTurn,
  finishRerun,
  initialRerun,
  openGate,
  type RerunOutcome,
  summariseRerun,
} from '@turnledger/shared/domain';
import { buildHttpApp, type Caller, localCaller, openLedger, silentLog } from '@turnledger/shared/runtime';
import {
  answerSample,
  claimSample,
  compareSample,
  type FreshDatabase,
  fillViews,
  freshDatabase,
  ManualClock,
  publishSample,
  type Repetition,
  repeatSample,
  requestSample,
  rerunSample,
  type ServedApp,
  type SourceTurn,
  sampleComparison,
  sampleCompletion,
  serveApp,
  startRerunSample,
  startSample,
} from '@turnledger/shared/testing';
import { Pool } from 'pg';
import type { z } from 'zod';
import { queryRoutes } from './app.ts';

interface Row {
  readonly id: string;
  readonly turn_id: string;
  readonly rerun_session_id: string;
  readonly rerun_turn_id: string;
  readonly prompt: string | null;
  readonly recorded: { readonly response: string | null };
  readonly repeated: { readonly response: string | null };
}
interface Page {
  readonly data: readonly Row[];
  readonly has_more: boolean;
  readonly next_cursor: string | null;
}

const context = { actor: 'game', correlationId: 'test' };
const nobody = '0198c0de-0000-7000-8000-0000000000ff';
const noirGame: Caller = { subject: 'noir-server', role: 'game', gameId: 'noir' };
const player: Caller = { subject: 'alice', role: 'player' };

let database: FreshDatabase;
let pool: Pool;
let app: ServedApp;
let clock: ManualClock;
let played: Parameters<typeof startSample>[0];
let caller: Caller;
const vaultRecords = emptyVaultRecords();
/** Of alice in noir, of bob in no game; each turn's answer is `Answer` and its number. */
let [noir, other]: SourceTurn[][] = [];
/** As they were asked for: of noir's turns, completed; of both sessions, cancelled; of bob's turn and of noir's, both under way. */
const reruns: string[] = [];

async function get(path: string, headers: { readonly [name: string]: string } = {}) {
  const reply = await app.send({ path, headers: { host: 'localhost', ...headers } });
  const body = (reply.text === '' ? {} : reply.json()) as Page & Readonly<Record<string, unknown>>;
  return { status: reply.status, headers: reply.headers, text: reply.text, body };
}

/** Which of the re-runs a list holds, whatever its order. */
const listed = async (query: string) =>
  (await get(`/v1/reruns?${query}`)).body.data.map(({ id }) => reruns.indexOf(id)).sort();

/** Every page of a list, one after the other. */
async function pagesOf(path: string): Promise<readonly Page[]> {
  const pages: Page[] = [];
  for (let cursor = ''; pages.at(-1)?.has_more !== false; ) {
    const { body } = await get(`${path}${cursor}`);
    pages.push(body);
    cursor = `&cursor=${body.next_cursor}`;
  }
  return pages;
}

/** A reply is what its schema says; what the schema does not tell of, at any depth, parsing leaves out. */
const expectDescribed = (schema: z.ZodType, body: unknown) => expect(schema.parse(body)).toEqual(body);

/** A played session with so many answered turns. */
async function play(count: number, owner: Parameters<typeof startSample>[1]): Promise<SourceTurn[]> {
  const sessionId = await startSample(played, owner);
  const turns: SourceTurn[] = [];
  for (let number = 0; number < count; number += 1) {
    const asked = await requestSample(played, sessionId, { text: `Question ${number}` });
    await answerSample(played, asked, `Answer ${number}`);
    turns.push({ sessionId, turnId: asked.turnId });
  }
  return turns;
}

/** Asks a turn again in a session of its own, and records the comparison with those changes. */
async function repeat(
  rerunId: string,
  source: SourceTurn | undefined,
  repetition: Repetition,
  changes: Parameters<typeof sampleComparison>[0] = {},
): Promise<void> {
  if (!source) return;
  const sessionId = await startRerunSample(played, rerunId, source);
  const comparison = await repeatSample(played, sessionId, source, repetition);
  await compareSample(played, rerunId, [{ ...comparison, ...changes }]);
}

const finish = (rerunId: string, ending: { readonly outcome: RerunOutcome; readonly code?: string }) =>
  played.ledger.reruns.transact(rerunStream(rerunId), (state) => finishRerun(ending, state), { context });

beforeAll(async () => {
  database = await freshDatabase();
  await migratePostgres(database);
  pool = new Pool({ connectionString: database.connectionString, max: 3 });
  // A connection may still be closing when its database is dropped under it.
  pool.on('error', () => {});
  clock = new ManualClock(Date.UTC(2026, 4, 1, 12));
  const log = new MemoryEventLog({ clock });
  const vault = openMemoryKeyVault({ ids, records: vaultRecords });
  played = { ledger: openLedger({ log, vault, clock, ids }), vault, log, ids };
  await publishSample(played);
  await publishSample(played, {}, 'cellar');
  noir = await play(4, { player: 'alice', gameId: 'noir' });
  other = await play(1, { player: 'bob' });

  const first = await rerunSample(played, noir, { gameId: 'noir' });
  // Compared in another order than that of their places, as concurrent turns are.
  await repeat(first, noir[1], { reply: 'Otherwise 1' });
  await repeat(first, noir[0], 'reused');
  await repeat(first, noir[3], 'failed');
  await repeat(first, noir[2], { reply: 'Answer 2' }, { isSameText: true, similarity: 1 });
  await finish(first, { outcome: 'completed' });
  await clock.advanceBy(24 * 60 * 60 * 1_000);
  const second = await rerunSample(played, [...noir.slice(0, 1), ...other], { mode: 'free_running' });
  await repeat(second, noir[0], { reply: 'Otherwise 0' });
  await repeat(second, other[0], { reply: 'Never mind' });
  await played.ledger.reruns.transact(rerunStream(second), (state) => cancelRerun({ by: 'operator' }, state), {
    context,
  });
  await finish(second, { outcome: 'completed' });
  await clock.advanceBy(1_000);
  // Two in the same millisecond, so that a page may end between equals.
  const third = await rerunSample(played, other, { scenarioId: 'cellar' });
  reruns.push(first, second, third, await rerunSample(played, noir, { gameId: 'noir' }));
  await fillViews(openPostgresViewStore({ pool }), log);
  const routes = queryRoutes({
    // Of a process of its own: it sees what it reads.
    ledger: openLedger({ log, vault, clock, ids }),
    vault,
    feed: new MemoryTurnFeed({ clock }),
    clock,
    views: openPostgresViewDatabase({ pool }),
  });
  const callers = { isOpen: true, authenticate: async () => caller };
  app = await serveApp(buildHttpApp({ ids, log: silentLog, allowedHosts: ['localhost'], callers, routes }).callback());
});

beforeEach(() => {
  caller = localCaller;
});

afterAll(async () => {
  await app.close();
  await pool.end();
  await database.drop();
});

describe('the list of re-runs', () => {
  test.each([1, 2, 3, 100])('is complete, newest first, in pages of %i', async (limit) => {
    const pages = await pagesOf(`/v1/reruns?limit=${limit}`);
    const [first, second, ...twins] = reruns;
    expect(pages.flatMap(({ data }) => data.map(({ id }) => id))).toEqual([...twins.sort().reverse(), second, first]);
    for (const body of pages) expectDescribed(pageSchema(rerunListSchema), body);
  });

  test.each<[string, readonly number[]]>([
    ['status=completed', [0]],
    ['status=cancelled', [1]],
    ['status=running', [2, 3]],
    ['game_id=noir', [0, 3]],
    ['game_id=none', []],
    ['scenario_id=cellar', [2]],
    ['from=2026-05-02', [1, 2, 3]],
    ['to=2026-05-01', [0]],
    ['from=2026-05-02T12:00:01Z&game_id=noir', [3]],
  ])('filters by %s', async (query, expected) => {
    expect(await listed(query)).toEqual(expected);
  });

  test('counts what became of the turns', async () => {
    const { body } = await get('/v1/reruns?status=completed');
    expect(body.data).toMatchObject([
      { status: 'completed', game_id: 'noir', sessions: 1, turns: 4, compared: 4, reused: 1, failed: 1 },
    ]);
  });

  test('is that of the game that binds the token, whatever it asks for', async () => {
    caller = noirGame;
    expect(await listed('')).toEqual([0, 3]);
    expect(await listed('game_id=noir')).toEqual([0, 3]);
    expect(await listed('game_id=lisbon')).toEqual([]);
  });

  test.each(['status=done', 'from=yesterday', 'cursor=junk', 'limit=0', 'session_id=1'])(
    'refuses %s',
    async (query) => {
      expect(await get(`/v1/reruns?${query}`)).toMatchObject({ status: 422, body: { code: 'request_invalid' } });
    },
  );
});

describe('a re-run', () => {
  test('is shown with its progress, its cost and how it compares', async () => {
    const { status, body, headers } = await get(`/v1/reruns/${reruns[0]}`);
    expect(status).toBe(200);
    expectDescribed(rerunSchema, body);
    expect(body).toMatchObject({
      id: reruns[0],
      status: 'completed',
      progress: { sessions: 1, turns: 4, compared: 4, reused: 1, completed: 2, failed: 1 },
      comparison: { diverged: 2, diverged_rate: 0.5 },
      sessions: [{ compared: 4, diverged: 2, first_divergence: { turn_id: noir?.[1]?.turnId, position: 2 } }],
      gate: null,
      requested_at: '2026-05-01T12:00:00.000Z',
      ended_at: '2026-05-01T12:00:00.000Z',
    });
    expect(headers.etag).toBe('"5"');
  });

  test('is as it is described while it runs, and once it was cancelled', async () => {
    for (const rerunId of reruns) expectDescribed(rerunSchema, (await get(`/v1/reruns/${rerunId}`)).body);
    expect((await get(`/v1/reruns/${reruns[1]}`)).body).toMatchObject({ status: 'cancelled', game_id: null });
  });

  test('is not sent again to who has it', async () => {
    const { headers } = await get(`/v1/reruns/${reruns[0]}`);
    expect(await get(`/v1/reruns/${reruns[0]}`, { 'if-none-match': headers.etag ?? '' })).toMatchObject({
      status: 304,
      text: '',
    });
  });

  test('is another document once its gate is closed, though it has not ended', async () => {
    const { scenarios } = played.ledger;
    await publishSample(played, {}, 'gated');
    await publishSample(played, { strategy: 'weighted' }, 'gated');
    const rerunId = await rerunSample(played, other ?? [], { scenarioId: 'gated', gateVersion: 1 });
    const gate = { version: 1, rerunId, thresholds: { minTurns: 1 } };
    await scenarios.transact(scenarioStream('gated'), (state) => openGate(gate, state), { context });
    const open = await get(`/v1/reruns/${rerunId}`);
    expectDescribed(rerunSchema, open.body);
    expect(open.body).toMatchObject({ status: 'running', gate: { thresholds: { min_turns: 1 }, outcome: null } });

    const verdict = { rerunId, outcome: 'completed', summary: summariseRerun(initialRerun) } as const;
    await scenarios.transact(scenarioStream('gated'), (state) => closeGate(verdict, state), { context });
    const closed = await get(`/v1/reruns/${rerunId}`, { 'if-none-match': open.headers.etag ?? '' });
    expect(closed).toMatchObject({
      status: 200,
      body: { status: 'running', gate: { outcome: 'failed', missed: [{ threshold: 'min_turns', measured: 0 }] } },
    });
  });

  test('can be waited for', async () => {
    const token = positionToken({ stream: rerunStream(reruns[0] ?? ''), revision: 5 });
    for (const path of ['/v1/reruns', `/v1/reruns/${reruns[0]}`, `/v1/reruns/${reruns[0]}/turns`])
      expect((await get(`${path}?min_position=${token}`)).status).toBe(200);
  });

  test('is waited for by nobody whose it is not', async () => {
    const wait = (index: number) =>
      get(`/v1/sessions?min_position=${positionToken({ stream: rerunStream(reruns[index] ?? ''), revision: 99 })}`);
    caller = noirGame;
    expect(await wait(1)).toMatchObject({ status: 404, body: { code: 'rerun_not_found' } });
    caller = player;
    expect(await wait(0)).toMatchObject({ status: 403, body: { code: 'role_not_allowed' } });
  });
});

describe('the turns of a re-run', () => {
  test.each([1, 3, 4, 100])('are complete, as they came about, in pages of %i', async (limit) => {
    const pages = await pagesOf(`/v1/reruns/${reruns[0]}/turns?limit=${limit}`);
    const order = [1, 0, 3, 2].map((index) => noir?.[index]?.turnId);
    expect(pages.flatMap(({ data }) => data.map((row) => row.turn_id))).toEqual(order);
    for (const body of pages) expectDescribed(pageSchema(rerunTurnSchema), body);
  });

  test('have the texts of both sides, each from its own session', async () => {
    const { body } = await get(`/v1/reruns/${reruns[0]}/turns`);
    expect(body.data).toMatchObject([
      {
        prompt: 'Question 1',
        position: 2,
        outcome: 'completed',
        diverged: true,
        recorded: { response: 'Answer 1' },
        repeated: { response: 'Otherwise 1' },
      },
      { prompt: 'Question 0', outcome: 'reused', diverged: false, repeated: { response: 'A friend.' } },
      { prompt: 'Question 3', outcome: 'failed', error: { code: 'model_overloaded' }, repeated: { response: null } },
      { outcome: 'completed', same_text: true, diverged: false, repeated: { response: 'Answer 2' } },
    ]);
  });

  test('may be those alone that went another way, over pages too', async () => {
    const pages = await pagesOf(`/v1/reruns/${reruns[0]}/turns?diverged=only&limit=1`);
    expect(pages.map(({ data }) => data.map((row) => row.turn_id))).toEqual([[noir?.[1]?.turnId], [noir?.[3]?.turnId]]);
  });

  test('go on while it runs, after the last that was seen', async () => {
    const rerunId = await rerunSample(played, noir ?? [], { mode: 'free_running' });
    const [one, two] = noir ?? [];
    if (!one || !two) return;
    const sessionId = await startRerunSample(played, rerunId, one);
    await compareSample(played, rerunId, [await repeatSample(played, sessionId, one, { reply: 'First' })]);
    const next = await requestSample(played, sessionId);
    const callId = await claimSample(played, next);
    const path = `/v1/reruns/${rerunId}/turns?limit=1`;
    expect((await get(path)).body).toMatchObject({ data: [{ repeated: { response: 'First' } }], has_more: false });

    const ending = sampleCompletion({
      turnId: next.turnId,
      callId,
      reply: 'Second',
      cost: { priceTable: 'sample' },
    });
    await played.ledger.sessions.transact(sessionStream(sessionId), (state) => completeTurn(ending, state), {
      context,
    });
    const comparison = { ...two, position: 2, rerunSessionId: sessionId, rerunTurnId: next.turnId };
    await compareSample(played, rerunId, [sampleComparison(comparison)]);
    const pages = await pagesOf(path);
    expect(pages.flatMap(({ data }) => data.map(({ repeated }) => repeated.response))).toEqual(['First', 'Second']);
  });

  test('of a player who was erased have lost their texts and kept their figures', async () => {
    const path = `/v1/reruns/${reruns[1]}/turns`;
    expect((await get(path)).body.data).toMatchObject([
      { repeated: { response: 'Otherwise 0' } },
      { repeated: { response: 'Never mind' } },
    ]);
    vaultRecords.keys.set(vaultRecords.players.get('bob')?.keyId ?? '', null);
    const { body } = await get(path);
    expectDescribed(pageSchema(rerunTurnSchema), body);
    expect(body.data).toMatchObject([
      { prompt: 'Question 0', recorded: { response: 'Answer 0' }, repeated: { response: 'Otherwise 0' } },
      {
        prompt: null,
        similarity: 0.5,
        recorded: { response: null, cost_micro_usd: 100 },
        repeated: { response: null, cost_micro_usd: 150, duration_ms: 600 },
      },
    ]);
  });

  test.each(['diverged=none', 'cursor=junk', 'limit=101'])('refuse %s', async (query) => {
    expect((await get(`/v1/reruns/${reruns[0]}/turns?${query}`)).status).toBe(422);
  });

  test('take no cursor of another list', async () => {
    const { body } = await get(`/v1/sessions/${noir?.[0]?.sessionId}/turns?limit=1`);
    expect((await get(`/v1/reruns/${reruns[0]}/turns?cursor=${body.next_cursor}`)).status).toBe(422);
  });
});

describe.each(['', '/turns'])('/v1/reruns/{rerun_id}%s', (tail) => {
  test.each([nobody, 'no-uuid'])('of %s is not found', async (id) => {
    expect(await get(`/v1/reruns/${id}${tail}`)).toMatchObject({ status: 404, body: { code: 'rerun_not_found' } });
  });

  test('of another game, and of several, answers like one that is not there', async () => {
    caller = noirGame;
    expect((await get(`/v1/reruns/${reruns[0]}${tail}`)).status).toBe(200);
    const missing = await get(`/v1/reruns/${nobody}${tail}`);
    for (const rerunId of [reruns[1], reruns[2]]) {
      const { status, body } = await get(`/v1/reruns/${rerunId}${tail}`);
      expect({ status, code: body.code, title: body.title }).toEqual({
        status: 404,
        code: 'rerun_not_found',
        title: missing.body.title,
      });
    }
  });

  test('is not for players', async () => {
    caller = player;
    expect(await get(`/v1/reruns/${reruns[0]}${tail}`)).toMatchObject({
      status: 403,
      body: { code: 'role_not_allowed' },
    });
  });
});

describe('a session of a re-run', () => {
  test.each(['', '/turns', '/replay', '/state', '/lineage', '/events'])('is no session at %s', async (tail) => {
    const [row] = (await get(`/v1/reruns/${reruns[0]}/turns?limit=1`)).body.data;
    expect(await get(`/v1/sessions/${row?.rerun_session_id}${tail}`)).toMatchObject({
      status: 404,
      body: { code: 'session_not_found' },
    });
  });

  test('is in no list, and its calls are in no account of what players have used', async () => {
    expect((await get('/v1/sessions')).body.data).toHaveLength(2);
    expect((await get('/llm/logs')).body.data).toHaveLength(5);
    expect((await get('/v1/usage?from=2026-05-01&to=2026-05-03')).body.totals).toMatchObject({ turns: 5, calls: 5 });
  });
});
