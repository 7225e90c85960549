import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  emptyVaultRecords,
  MemoryEventLog,
  MemoryTurnFeed,
  openMemoryKeyVault,
} from '@turnledger/shared/adapters/memory';
import { migratePostgres, openPostgresViewDatabase, openPostgresViewStore } from '@turnledger/shared/adapters/postgres';
import { systemIds as ids } from '@turnledger/shared/adapters/system';
import { playerStream, positionToken, sessionStream } from '@turnledger/shared/contracts';
import {
  accepted,
  cancelTurn,
  completeTurn,
  type Decision,
  failAttempt,
  type SessionEvent,
  type SessionState,
  settleOnly,
} from '@turnledger/shared/domain';
import type { TurnMessage } from '@turnledger/shared/ports';
import { buildHttpApp, type Caller, localCaller, openLedger, silentLog } from '@turnledger/shared/runtime';
import {
  claimSample,
  type FreshDatabase,
  fillViews,
  freshDatabase,
  ManualClock,
  publishSample,
  requestSample,
  type ServedApp,
  sampleCompletion,
  sampleFailure,
  sampleHmac,
  sampleUsage,
  serveApp,
  startSample,
} from '@turnledger/shared/testing';
import { Pool } from 'pg';
import { queryRoutes } from './app.ts';

type Document = Readonly<Record<string, unknown>>;

const context = { actor: 'game', correlationId: 'test' };
const nobody = '0198c0de-0000-7000-8000-0000000000ff';
const DAY_MS = 24 * 60 * 60 * 1_000;
const SECRET = 'the lantern is under the third stair';
const player: Caller = { subject: 'alice', role: 'player' };
const boundGame: Caller = { subject: 'noir-server', role: 'game', gameId: 'noir' };

let database: FreshDatabase;
let pool: Pool;
let app: ServedApp;
let clock: ManualClock;
let played: Parameters<typeof startSample>[0];
let caller: Caller;
let [noir, cellar] = ['', ''];
/** Of the session in noir, in order: completed, failed, cancelled without account, cancelled and settled, open. */
const turns: TurnMessage[] = [];
const calls: string[] = [];

async function get(path: string, headers: { readonly [name: string]: string } = {}, method = 'GET') {
  const reply = await app.send({ method, path, headers: { host: 'localhost', ...headers } });
  return {
    status: reply.status,
    headers: reply.headers,
    text: reply.text,
    body: reply.text.startsWith('{') ? (reply.json() as Document) : {},
  };
}

const dataOf = (body: Document) => body.data as readonly Document[];

const decide = (
  { sessionId }: TurnMessage,
  decision: (state: SessionState) => Decision<SessionEvent<'plain'>, string>,
) => played.ledger.sessions.transact(sessionStream(sessionId), decision, { context });

/** Asks for a turn and claims it, a second after the one before. */
async function claimed(sessionId: string, changes: Parameters<typeof requestSample>[2] = {}) {
  await clock.advanceBy(1_000);
  const turn = await requestSample(played, sessionId, { text: SECRET, ...changes });
  const callId = await claimSample(played, turn);
  await clock.advanceBy(1_000);
  return { turn, callId };
}

async function playNoir(): Promise<void> {
  noir = await startSample(played, { player: 'alice', gameId: 'noir' });
  const endings: readonly ((turn: TurnMessage, callId: string) => Promise<unknown>)[] = [
    ({ turnId, ...turn }, callId) =>
      decide({ turnId, ...turn }, (state) =>
        completeTurn(sampleCompletion({ turnId, callId, cost: { costMicroUsd: 700, priceTable: 'test' } }), state),
      ),
    ({ turnId, ...turn }, callId) => {
      const failure = { turnId, callId, providerStatus: 503, usage: sampleUsage, cost: { priceTable: 'none' } };
      return decide({ turnId, ...turn }, (state) => failAttempt(sampleFailure(failure), state));
    },
    (turn) => decide(turn, (state) => cancelTurn({ turnId: turn.turnId, by: 'game', reason: 'requested' }, state)),
    async (turn, callId) => {
      const { turnId } = turn;
      await decide(turn, (state) => cancelTurn({ turnId, by: 'game', reason: 'requested' }, state));
      const account = {
        turnId,
        attempt: 1,
        callId,
        usage: sampleUsage,
        cost: { costMicroUsd: 50, priceTable: 'test' },
      };
      await decide(turn, (state) => settleOnly(account, state));
    },
    async () => {},
  ];
  for (const [index, end] of endings.entries()) {
    const state = { rev: index, data: { room: `room ${index}`, clues: ['knife'] } };
    const { turn, callId } = await claimed(noir, index < 2 ? { state } : {});
    turns.push(turn);
    calls.push(callId);
    await end(turn, callId);
  }
}

beforeAll(async () => {
  database = await freshDatabase();
  await migratePostgres(database);
  pool = new Pool({ connectionString: database.connectionString, max: 3 });
  // A connection may still be closing when its database is dropped under it.
  pool.on('error', () => {});
  clock = new ManualClock(Date.UTC(2026, 4, 1, 12));
  const log = new MemoryEventLog({ clock });
  const vault = openMemoryKeyVault({ ids, records: emptyVaultRecords() });
  const ledger = openLedger({ log, vault, clock, ids });
  played = { ledger, vault, log, ids };
  await publishSample(played, { view: { model: [], public: ['/room'] } });
  await publishSample(played, {}, 'cellar');
  await playNoir();
  await clock.advanceBy(DAY_MS);
  cellar = await startSample(played, { scenarioId: 'cellar', player: 'bob' });
  const { turn, callId } = await claimed(cellar);
  await decide(turn, (state) =>
    completeTurn(sampleCompletion({ turnId: turn.turnId, callId, cost: { priceTable: 'none' } }), state),
  );
  calls.push(callId);
  const { playerId = '' } = (await vault.findPlayer('alice')) ?? {};
  const profile = { displayName: 'Alice', locale: 'pt-PT', traits: { class: 'thief' }, profileHmac: sampleHmac };
  const consent = { training: false, analytics: true };
  await ledger.players.transact(
    playerStream(playerId),
    () => accepted({ type: 'PlayerProfileUpdated', data: { ...profile, consent } }),
    { context },
  );
  await fillViews(openPostgresViewStore({ pool }), log);
  const routes = queryRoutes({
    ledger,
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

describe('the list of model calls', () => {
  const idsOf = (body: Document) => dataOf(body).map(({ id }) => id);

  test.each([1, 2, 4, 100])('is complete, newest first, in pages of %i', async (limit) => {
    const found: unknown[] = [];
    let cursor = '';
    for (let more = true; more; ) {
      const { body } = await get(`/llm/logs?limit=${limit}${cursor}`);
      found.push(...idsOf(body));
      cursor = `&cursor=${body.next_cursor}`;
      more = body.has_more === true;
    }
    expect(found).toEqual([...calls].reverse());
  });

  test('says what came of each call', async () => {
    const { body } = await get(`/llm/logs?session_id=${noir}`);
    expect(dataOf(body).map(({ status }) => status)).toEqual([
      'open',
      'cancelled',
      'unaccounted',
      'failed',
      'completed',
    ]);
    expect(dataOf(body)[4]).toMatchObject({
      turn_id: turns[0]?.turnId,
      session_id: noir,
      game_id: 'noir',
      scenario: { id: 'tavern', version: 1 },
      attempt: 1,
      model: 'default',
      endpoint: 'main',
      error: null,
      usage: { prompt_tokens: 120, completion_tokens: 30, total_tokens: 150 },
      cost_micro_usd: 700,
      price_table: 'test',
      first_token_ms: 210,
      duration_ms: 900,
    });
    expect(dataOf(body)[3]).toMatchObject({ error: { code: 'model_overloaded', provider_status: 503 } });
  });

  test('says of a call without account when its turn ended', async () => {
    const { body } = await get('/llm/logs?status=unaccounted');
    const turn = await get(`/v1/sessions/${noir}/turns/${turns[2]?.turnId}`);
    expect(dataOf(body)).toMatchObject([{ ended_at: turn.body.ended_at, usage: null, cost_micro_usd: null }]);
  });

  test.each<[string, readonly number[]]>([
    ['status=open', [4]],
    ['status=completed', [5, 0]],
    ['game_id=noir', [4, 3, 2, 1, 0]],
    ['scenario_id=cellar', [5]],
    ['model=default', [5, 4, 3, 2, 1, 0]],
    ['model=other', []],
    ['from=2026-05-02', [5]],
    ['to=2026-05-01', [4, 3, 2, 1, 0]],
    ['from=2026-05-01T12:00:03Z&to=2026-05-01T14:00:04%2B02:00', [1]],
    [`session_id=${nobody}`, []],
  ])('filters by %s', async (query, expected) => {
    expect(idsOf((await get(`/llm/logs?${query}`)).body)).toEqual(expected.map((index) => calls[index]));
  });

  test('holds no word that was said', async () => {
    const { text } = await get('/llm/logs');
    expect(text).not.toContain('lantern');
    expect(text).not.toContain('A friend.');
    expect(text).not.toContain('ciphertext');
    expect(text).not.toContain('alice');
  });

  test('is that of the game that binds the token, whatever it asks for', async () => {
    caller = boundGame;
    expect(idsOf((await get('/llm/logs')).body)).toHaveLength(5);
    expect(idsOf((await get('/llm/logs?game_id=other')).body)).toEqual([]);
  });

  test('is not for players', async () => {
    caller = player;
    expect(await get('/llm/logs')).toMatchObject({ status: 403, body: { code: 'role_not_allowed' } });
  });

  test.each(['from=yesterday', 'to=2026-13-01', 'status=late_ish', 'session_id=7', 'cursor=junk', 'limit=0'])(
    'refuses %s',
    async (query) => {
      expect(await get(`/llm/logs?${query}`)).toMatchObject({ status: 422, body: { code: 'request_invalid' } });
    },
  );
});

describe('usage', () => {
  const noirDay = {
    turns: 4,
    turns_completed: 1,
    turns_failed: 1,
    turns_cancelled: 2,
    turns_timed_out: 0,
    calls: 5,
    prompt_tokens: 360,
    completion_tokens: 90,
    total_tokens: 450,
    cost_micro_usd: 750,
    unpriced_calls: 1,
  };

  test('is summed by day, each cost once, over the last 30 days', async () => {
    const { body } = await get('/v1/usage');
    expect(body).toMatchObject({
      from: '2026-04-03',
      to: '2026-05-02',
      by: 'day',
      data: [
        { day: '2026-05-01', ...noirDay },
        { day: '2026-05-02', turns: 1, turns_completed: 1, calls: 1, cost_micro_usd: null, unpriced_calls: 1 },
      ],
      totals: { turns: 5, calls: 6, prompt_tokens: 480, cost_micro_usd: 750, unpriced_calls: 2 },
      has_more: false,
    });
  });

  test.each<[string, readonly object[]]>([
    [
      'game',
      [
        { game_id: 'noir', calls: 5 },
        { game_id: null, calls: 1 },
      ],
    ],
    [
      'scenario',
      [
        { scenario_id: 'tavern', calls: 5 },
        { scenario_id: 'cellar', calls: 1 },
      ],
    ],
    ['model', [{ model: 'default', endpoint: 'main', calls: 6, turns: 5 }]],
  ])('can be told apart by %s, the most calls first', async (by, expected) => {
    expect((await get(`/v1/usage?by=${by}`)).body.data).toMatchObject(expected);
  });

  test.each<[string, number]>([
    ['game_id=noir', 5],
    ['scenario_id=cellar', 1],
    ['from=2026-05-02', 1],
    ['to=2026-05-01', 5],
    ['from=2026-05-01&to=2026-05-01&scenario_id=cellar', 0],
  ])('of %s has %i calls', async (query, count) => {
    expect((await get(`/v1/usage?${query}`)).body.totals).toMatchObject({ calls: count });
  });

  test('of nothing is zero, and free', async () => {
    const { body } = await get('/v1/usage?game_id=nothing');
    expect(body).toMatchObject({ data: [], totals: { turns: 0, calls: 0, cost_micro_usd: 0 } });
  });

  test('is that of the game that binds the token alone', async () => {
    caller = boundGame;
    expect((await get('/v1/usage?by=game')).body.data).toMatchObject([{ game_id: 'noir' }]);
    expect((await get('/v1/usage?game_id=other')).body).toMatchObject({ data: [], totals: { calls: 0 } });
  });

  test.each(['from=2026-05-02&to=2026-05-01', 'from=2025-01-01&to=2026-05-01', 'by=week', 'from=2026-05-01T00:00:00Z'])(
    'refuses %s',
    async (query) => {
      expect(await get(`/v1/usage?${query}`)).toMatchObject({ status: 422, body: { code: 'request_invalid' } });
    },
  );

  test('begins with the first day there is', async () => {
    expect((await get('/v1/usage?to=0000-01-02')).body).toMatchObject({ from: '0000-01-01', to: '0000-01-02' });
  });

  test('covers 366 days and no more', async () => {
    expect((await get('/v1/usage?from=2025-05-02&to=2026-05-02')).status).toBe(200);
    expect((await get('/v1/usage?from=2025-05-01&to=2026-05-02')).status).toBe(422);
  });
});

describe('a player', () => {
  test('is shown by the id of their game, opened', async () => {
    const { body, headers } = await get('/v1/players/alice');
    expect(body).toMatchObject({
      id: 'alice',
      display_name: 'Alice',
      locale: 'pt-PT',
      traits: { class: 'thief' },
      consent: { training: false, analytics: true },
      registered_at: '2026-05-01T12:00:00.000Z',
    });
    expect(headers.etag).toBe('"1"');
  });

  test('of whom no profile is known has agreed to nothing', async () => {
    expect((await get('/v1/players/bob')).body).toMatchObject({
      id: 'bob',
      display_name: null,
      traits: null,
      consent: { training: false, analytics: false },
      updated_at: null,
    });
  });

  test.each(['carol', 'a%20b', nobody])('%s is not found', async (id) => {
    expect(await get(`/v1/players/${id}`)).toMatchObject({ status: 404, body: { code: 'player_not_found' } });
  });

  test('sees themself, and nobody else', async () => {
    caller = player;
    expect((await get('/v1/players/alice')).status).toBe(200);
    const [foreign, missing] = [await get('/v1/players/bob'), await get('/v1/players/carol')];
    expect(foreign).toMatchObject({ status: 404, body: { code: 'player_not_found' } });
    expect(foreign.body.title).toBe(missing.body.title);
  });

  test('can be waited for, by themself alone', async () => {
    const tokenOf = async (id: string) => {
      const { playerId = '' } = (await played.vault.findPlayer(id)) ?? {};
      return positionToken({ stream: playerStream(playerId), revision: id === 'alice' ? 1 : 0 });
    };
    caller = player;
    expect((await get(`/v1/players/alice?min_position=${await tokenOf('alice')}`)).status).toBe(200);
    expect((await get(`/v1/players/alice?min_position=${await tokenOf('bob')}`)).status).toBe(404);
  });
});

describe("a session's game state", () => {
  test('is the newest, whole for games and operators', async () => {
    expect((await get(`/v1/sessions/${noir}/state`)).body).toMatchObject({
      session_id: noir,
      rev: 1,
      turn_id: turns[1]?.turnId,
      data: { room: 'room 1', clues: ['knife'] },
    });
  });

  test('is for players what the scenario calls public, each part under its pointer', async () => {
    caller = player;
    const { body } = await get(`/v1/sessions/${noir}/state`);
    expect(body).toMatchObject({ rev: 1 });
    expect(body.data).toEqual({ '/room': 'room 1' });
  });

  test('is null before the first', async () => {
    expect((await get(`/v1/sessions/${cellar}/state`)).body).toEqual({
      session_id: cellar,
      rev: null,
      turn_id: null,
      recorded_at: null,
      data: null,
    });
  });

  test.each([nobody, 'no-uuid'])('of session %s is not found', async (id) => {
    expect(await get(`/v1/sessions/${id}/state`)).toMatchObject({ status: 404, body: { code: 'session_not_found' } });
  });
});

describe('filters of lists:', () => {
  test('turns by their status', async () => {
    const { body } = await get(`/v1/sessions/${noir}/turns?status=cancelled`);
    expect(dataOf(body).map(({ id }) => id)).toEqual([turns[2]?.turnId, turns[3]?.turnId]);
  });

  test.each([
    ['from=2026-05-02', () => [cellar]],
    ['to=2026-05-01', () => [noir]],
    ['from=2026-05-01&to=2026-05-02', () => [cellar, noir]],
    ['to=2026-05-01T12:00:00Z', () => []],
  ])('sessions by %s', async (query, expected) => {
    expect(dataOf((await get(`/v1/sessions?${query}`)).body).map(({ id }) => id)).toEqual(expected());
  });
});

describe.each([
  ['a session', () => `/v1/sessions/${noir}`],
  ['a turn', () => `/v1/sessions/${noir}/turns/${turns[0]?.turnId}`],
  ['a game state', () => `/v1/sessions/${noir}/state`],
  ['a scenario', () => '/v1/scenarios/tavern'],
  ["a scenario's versions", () => '/v1/scenarios/tavern/versions'],
  ['a player', () => '/v1/players/alice'],
])('%s', (_name, pathOf) => {
  test('is not sent again to a client that has it', async () => {
    const { headers } = await get(pathOf());
    const etag = String(headers.etag);
    expect(etag).toMatch(/^"[^"]+"$/);
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const again = await get(pathOf(), { 'if-none-match': known });
      expect({ known, status: again.status, text: again.text, etag: again.headers.etag }).toEqual({
        known,
        status: 304,
        text: '',
        etag,
      });
    }
    expect((await get(pathOf(), { 'if-none-match': '"other"' })).status).toBe(200);
  });

  test('answers HEAD as GET, without the document', async () => {
    const [whole, head] = [await get(pathOf()), await get(pathOf(), {}, 'HEAD')];
    expect(head).toMatchObject({ status: 200, text: '' });
    for (const name of ['etag', 'content-type', 'content-length', 'vary'])
      expect(head.headers[name]).toBe(whole.headers[name]);
  });
});

describe('a re-render as a stream', () => {
  const stream = (query: string, headers = {}) =>
    get(`/v1/sessions/${noir}/replay?${query}`, { accept: 'text/event-stream', ...headers });
  const eventsIn = (text: string) => text.match(/^event: .*$/gm);

  test('shows every turn again and says when it is over', async () => {
    const { headers, text } = await stream('speed=max');
    expect(headers['content-type']).toContain('text/event-stream');
    expect(eventsIn(text)?.filter((event) => event === 'event: turn.requested')).toHaveLength(turns.length);
    expect(eventsIn(text)?.at(-1)).toBe('event: replay.ended');
    expect(text).toContain(SECRET);
  });

  test('ends with the turn that is asked for', async () => {
    const { text } = await stream(`speed=max&at_turn=${turns[0]?.turnId}`);
    expect(eventsIn(text)?.slice(-2)).toEqual(['event: turn.completed', 'event: replay.ended']);
    expect(text).not.toContain(turns[1]?.turnId);
  });

  test('is over for a client that has its end', async () => {
    expect((await stream('', { 'last-event-id': '1000000000' })).status).toBe(204);
  });

  test.each(['speed=0', 'speed=101', 'speed=fast', 'at_turn=7'])('refuses %s', async (query) => {
    expect(await stream(query)).toMatchObject({ status: 422, body: { code: 'request_invalid' } });
  });

  test('of a session or at a turn that is not there is not found', async () => {
    expect((await stream(`at_turn=${nobody}`)).body).toMatchObject({ code: 'turn_not_found' });
    const { body } = await get(`/v1/sessions/${nobody}/replay`, { accept: 'text/event-stream' });
    expect(body).toMatchObject({ code: 'session_not_found' });
  });

  test('of a foreign session is not found', async () => {
    caller = player;
    expect((await get(`/v1/sessions/${cellar}/replay`, { accept: 'text/event-stream' })).body).toMatchObject({
      code: 'session_not_found',
    });
  });
});
