import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  emptyVaultRecords,
  MemoryEventLog,
  MemoryTurnFeed,
  openMemoryKeyVault,
} from '@turnledger/shared/adapters/memory';
import { migratePostgres, openPostgresViewDatabase, openPostgresViewStore } from '@turnledger/shared/adapters/postgres';
import { systemIds as ids } from '@turnledger/shared/adapters/system';
import {
  positionToken,
  views as readModels,
  scenarioStream,
  sessionStream,
  viewTable,
} from '@turnledger/shared/contracts';
import { configureScenario, endSession } from '@turnledger/shared/domain';
import type { TurnMessage, ViewDatabase } from '@turnledger/shared/ports';
import { buildHttpApp, localCallers, openLedger, silentLog } from '@turnledger/shared/runtime';
import {
  answerSample,
  claimSample,
  type FreshDatabase,
  fillViews,
  freshDatabase,
  ManualClock,
  publishSample,
  requestSample,
  type ServedApp,
  sampleConfig,
  serveApp,
  startSample,
} from '@turnledger/shared/testing';
import { contentHash } from '@turnledger/shared/trust';
import { Pool } from 'pg';
import { queryRoutes } from './app.ts';

interface Page {
  readonly data: readonly { readonly id: string; readonly version: number; readonly position: number }[];
  readonly has_more: boolean;
  readonly next_cursor: string | null;
}

const context = { actor: 'game', correlationId: 'test' };
const nobody = '0198c0de-0000-7000-8000-0000000000ff';

let database: FreshDatabase;
let pool: Pool;
let app: ServedApp;
let views: ViewDatabase;
let clock: ManualClock;
let played: Parameters<typeof startSample>[0];
/** Newest last. */
const sessions: string[] = [];
const turns: TurnMessage[] = [];

const get = async (path: string) => {
  const reply = await app.send({ path, headers: { host: 'localhost' } });
  return { status: reply.status, headers: reply.headers, body: reply.json() as Page & Record<string, unknown> };
};

/** Every page of a list, one after the other. */
async function pagesOf(path: string, limit: number): Promise<readonly Page[]> {
  const pages: Page[] = [];
  let cursor = '';
  do {
    const { status, body } = await get(`${path}${path.includes('?') ? '&' : '?'}limit=${limit}${cursor}`);
    expect(status).toBe(200);
    pages.push(body);
    cursor = `&cursor=${body.next_cursor}`;
  } while (pages.at(-1)?.has_more);
  return pages;
}

const idsIn = (pages: readonly Page[]) => pages.flatMap(({ data }) => data.map(({ id }) => id));

beforeAll(async () => {
  database = await freshDatabase();
  await migratePostgres(database);
  pool = new Pool({ connectionString: database.connectionString, max: 3 });
  // A connection may still be closing when its database is dropped under it.
  pool.on('error', () => {});
  clock = new ManualClock();
  const log = new MemoryEventLog({ clock });
  const vault = openMemoryKeyVault({ ids, records: emptyVaultRecords() });
  const ledger = openLedger({ log, vault, clock, ids });
  played = { ledger, vault, log, ids };
  await publishSample(played);
  await publishSample(played, {}, 'cellar');
  for (let count = 0; count < 7; count += 1) {
    // Two at a time start in the same millisecond, so that a page may end between equals.
    if (count % 2 === 0) await clock.advanceBy(1_000);
    const scenarioId = count < 4 ? 'tavern' : 'cellar';
    sessions.push(
      await startSample(played, {
        scenarioId,
        player: count % 3 === 0 ? 'alice' : 'bob',
        ...(count > 1 && { gameId: 'noir' }),
      }),
    );
  }
  const [first = ''] = sessions;
  for (let count = 0; count < 5; count += 1) {
    const message = await requestSample(played, first, { text: `Question ${count}`, metadata: { quest: 'harbour' } });
    turns.push(message);
    if (count < 4) await answerSample(played, message, `Answer ${count}`);
    else await claimSample(played, message);
  }
  await ledger.sessions.transact(
    sessionStream(sessions[6] ?? ''),
    (state) => endSession({ outcome: 'won', score: 3, by: 'game', actor: 'game' }, state),
    { context },
  );
  for (const [note, publish] of [
    ['two', true],
    ['three', false],
  ] as const) {
    const config = sampleConfig(note);
    await ledger.scenarios.transact(
      scenarioStream('tavern'),
      (state) => configureScenario({ config, configHash: contentHash(config), publish, note }, state),
      { context },
    );
  }
  await fillViews(openPostgresViewStore({ pool }), log);
  views = openPostgresViewDatabase({ pool });
  const ports = {
    ledger,
    vault,
    feed: new MemoryTurnFeed({ clock }),
    clock,
    views: { query: ((...input) => views.query(...input)) as ViewDatabase['query'] },
  };
  app = await serveApp(
    buildHttpApp({
      ids,
      log: silentLog,
      allowedHosts: ['localhost'],
      callers: localCallers,
      routes: queryRoutes(ports),
    }).callback(),
  );
});

afterAll(async () => {
  await app.close();
  await pool.end();
  await database.drop();
});

describe('the list of sessions', () => {
  test.each([1, 2, 3, 7, 100])('is complete and without repeats, newest first, in pages of %i', async (limit) => {
    const pages = await pagesOf('/v1/sessions', limit);
    expect(idsIn(pages)).toEqual([...sessions].reverse());
    expect(pages.slice(0, -1).every(({ data }) => data.length === limit)).toBe(true);
    expect(pages.at(-1)?.next_cursor).toBeNull();
  });

  test.each<[string, readonly number[]]>([
    ['player_id=alice', [6, 3, 0]],
    ['player_id=nobody', []],
    ['game_id=noir', [6, 5, 4, 3, 2]],
    ['game_id=other', []],
    ['scenario_id=cellar', [6, 5, 4]],
    ['status=ended', [6]],
    ['status=open&player_id=alice', [3, 0]],
    ['player_id=bob&game_id=noir&scenario_id=cellar&status=open', [5, 4]],
  ])('filters by %s, over pages too', async (query, expected) => {
    expect(idsIn(await pagesOf(`/v1/sessions?${query}`, 2))).toEqual(expected.map((index) => sessions[index]));
  });

  test('shows players by the ids their game knows, and how a session ended', async () => {
    const { body } = await get('/v1/sessions?status=ended');
    expect(body.data[0]).toMatchObject({
      player_id: 'alice',
      game_id: 'noir',
      status: 'ended',
      outcome: 'won',
      score: 3,
    });
  });

  test.each([
    ['limit=101', '/limit'],
    ['limit=0', '/limit'],
    ['limit=ten', '/limit'],
    ['status=closed', '/status'],
    ['cursor=junk', '/cursor'],
    [`cursor=${Buffer.from('[3]').toString('base64url')}`, '/cursor'],
    [`cursor=${Buffer.from('["a"]').toString('base64url')}`, '/cursor'],
    [`cursor=${Buffer.from('["a\\u0000","b"]').toString('base64url')}`, '/cursor'],
    ['min_position=junk', '/min_position'],
    [`min_position=${Buffer.from(`2147483648@session-${nobody}`).toString('base64url')}`, '/min_position'],
    ['game_id=%00', '/game_id'],
  ])('refuses %s', async (query, pointer) => {
    const { status, body } = await get(`/v1/sessions?${query}`);
    expect(status).toBe(422);
    expect(body).toMatchObject({
      code: 'request_invalid',
      errors: [{ pointer: expect.stringContaining(pointer.slice(1)) }],
    });
  });
});

describe('the list of sessions by their start', () => {
  test.each(['to=9999-12-31', 'from=0000-01-01', 'to=9999-12-31T23:59:59-01:00', 'from=0000-01-01T00:00:00%2B01:00'])(
    'is whole with the bound %s',
    async (query) => {
      expect((await get(`/v1/sessions?limit=100&${query}`)).body.data).toHaveLength(sessions.length);
    },
  );
});

describe('a cursor', () => {
  test('is good for its own list alone', async () => {
    const cursorOf = async (path: string) => (await get(`${path}?limit=1`)).body.next_cursor;
    const turnsOf = `/v1/sessions/${sessions[0]}/turns`;
    const taken = { '/v1/sessions': ['/llm/logs'], [turnsOf]: ['/v1/scenarios/tavern/versions'] };
    for (const [list, others] of Object.entries(taken)) {
      const cursor = await cursorOf(list);
      expect((await get(`${list}?cursor=${cursor}`)).status).toBe(200);
      for (const other of others) expect((await get(`${other}?cursor=${cursor}`)).status).toBe(422);
    }
  });
});

describe('one session', () => {
  test('is shown with its revision as ETag', async () => {
    const { status, body, headers } = await get(`/v1/sessions/${sessions[0]}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      id: sessions[0],
      status: 'open',
      turns: 5,
      last_turn_id: turns[4]?.turnId,
      player_id: 'alice',
    });
    const state = await played.ledger.sessions.load(sessionStream(sessions[0] ?? ''));
    expect(headers.etag).toBe(`"${state.revision}"`);
  });

  test.each([nobody, 'no-uuid'])('%s is not found', async (id) => {
    expect(await get(`/v1/sessions/${id}`)).toMatchObject({ status: 404, body: { code: 'session_not_found' } });
  });
});

describe("a session's turns", () => {
  test.each([1, 2, 5])('are complete, in order, in pages of %i', async (limit) => {
    const pages = await pagesOf(`/v1/sessions/${sessions[0]}/turns`, limit);
    expect(idsIn(pages)).toEqual(turns.map(({ turnId }) => turnId));
    expect(pages.flatMap(({ data }) => data.map(({ position }) => position))).toEqual([1, 2, 3, 4, 5]);
  });

  test('are none for a session without any', async () => {
    expect((await get(`/v1/sessions/${sessions[1]}/turns`)).body).toEqual({
      data: [],
      has_more: false,
      next_cursor: null,
    });
  });

  test.each(['["one"]', '["a","b"]', '[1e15]', '[9007199254740993]', '{}'])('refuse the cursor %s', async (values) => {
    const cursor = Buffer.from(values).toString('base64url');
    expect((await get(`/v1/sessions/${sessions[0]}/turns?cursor=${cursor}`)).status).toBe(422);
  });

  test('a turn is shown opened', async () => {
    const { body } = await get(`/v1/sessions/${sessions[0]}/turns/${turns[1]?.turnId}`);
    expect(body).toMatchObject({
      prompt: 'Question 1',
      response: 'Answer 1',
      output: 'Answer 1',
      status: 'completed',
      metadata: { quest: 'harbour' },
    });
  });

  test("another session's turn is not found", async () => {
    expect(await get(`/v1/sessions/${sessions[1]}/turns/${turns[1]?.turnId}`)).toMatchObject({
      status: 404,
      body: { code: 'turn_not_found' },
    });
    expect(await get(`/v1/sessions/${sessions[1]}/turns/${turns[1]?.turnId}/stream`)).toMatchObject({
      status: 404,
      body: { code: 'turn_not_found' },
    });
  });
});

describe('a re-render', () => {
  test('is what the views hold, turn by turn', async () => {
    const { body } = await get(`/v1/sessions/${sessions[0]}/replay`);
    const [page] = await pagesOf(`/v1/sessions/${sessions[0]}/turns`, 100);
    expect(body.turns).toEqual(page?.data);
    expect(body.session).toEqual((await get(`/v1/sessions/${sessions[0]}`)).body);
  });

  test('stops after the turn it is asked to', async () => {
    const { body } = await get(`/v1/sessions/${sessions[0]}/replay?at_turn=${turns[1]?.turnId}`);
    expect((body.turns as readonly { id: string }[]).map(({ id }) => id)).toEqual(
      turns.slice(0, 2).map(({ turnId }) => turnId),
    );
  });

  test('takes an id in capitals', async () => {
    expect((await get(`/v1/sessions/${sessions[0]}/replay?at_turn=${turns[1]?.turnId.toUpperCase()}`)).status).toBe(
      200,
    );
  });

  test('of a session or at a turn that is not there is not found', async () => {
    expect((await get(`/v1/sessions/${nobody}/replay`)).body).toMatchObject({ code: 'session_not_found' });
    expect((await get(`/v1/sessions/${sessions[0]}/replay?at_turn=${nobody}`)).body).toMatchObject({
      code: 'turn_not_found',
    });
  });
});

describe('a scenario', () => {
  test('is shown as it is promoted, though a newer version is there', async () => {
    const { body, headers } = await get('/v1/scenarios/tavern');
    expect(body).toMatchObject({
      scenario_id: 'tavern',
      version: 2,
      newest_version: 3,
      promoted: true,
      retired: false,
      note: 'two',
      persona: { instructions: 'two' },
    });
    expect(headers.etag).toBe('"3.4"');
    expect((await get('/v1/scenarios/tavern/versions?limit=1')).headers.etag).toBe('"3.4"');
  });

  test.each([1, 2, 100])('lists its versions, newest first, in pages of %i', async (limit) => {
    const pages = await pagesOf('/v1/scenarios/tavern/versions', limit);
    expect(pages.flatMap(({ data }) => data.map(({ version }) => version))).toEqual([3, 2, 1]);
    const marks = pages.flatMap(({ data }) => data.map((row) => (row as unknown as { promoted: boolean }).promoted));
    expect(marks).toEqual([false, true, false]);
  });

  test.each(['attic', 'Tavern', 'a%2Fb'])('%s is not found', async (id) => {
    expect(await get(`/v1/scenarios/${id}`)).toMatchObject({ status: 404 });
    expect(await get(`/v1/scenarios/${id}/versions`)).toMatchObject({ status: 404 });
  });
});

describe('min_position', () => {
  const tokenOf = (stream: string, revision: number) => positionToken({ stream, revision });

  test('lets through what the view has', async () => {
    const { revision } = await played.ledger.sessions.load(sessionStream(sessions[0] ?? ''));
    const token = tokenOf(sessionStream(sessions[0] ?? ''), revision);
    for (const path of [`/v1/sessions/${sessions[0]}`, '/v1/sessions', `/v1/sessions/${sessions[0]}/turns`]) {
      expect((await get(`${path}?min_position=${token}`)).status).toBe(200);
    }
    expect((await get(`/v1/scenarios/tavern?min_position=${tokenOf('scenario-tavern', 4)}`)).status).toBe(200);
  });

  test('waits for a view that comes after, and answers from it', async () => {
    const stream = sessionStream(sessions[5] ?? '');
    const asked = get(`/v1/sessions/${sessions[5]}?min_position=${tokenOf(stream, 1)}`);
    while (clock.sleeping === 0) await new Promise<void>((resolve) => setImmediate(resolve));
    await pool.query(
      `update ${viewTable(readModels.sessions)} set revision = 1, record = record || '{"revision": 1, "turns": 1}' where key = $1`,
      [sessions[5]],
    );
    for (let step = 0; step < 100 && clock.sleeping > 0; step += 1) {
      await clock.advanceBy(10);
      await new Promise<void>((resolve) => setTimeout(resolve, 1));
    }
    expect(await asked).toMatchObject({ status: 200, body: { turns: 1 } });
  });

  test('answers view_behind when the view does not come, never older rows', async () => {
    const asked = get(`/v1/sessions/${sessions[3]}?min_position=${tokenOf(sessionStream(sessions[3] ?? ''), 99)}`);
    while (clock.sleeping === 0) await new Promise<void>((resolve) => setImmediate(resolve));
    const startedMs = clock.monotonicMs();
    let isAnswered = false;
    void asked.then(() => {
      isAnswered = true;
    });
    while (!isAnswered) {
      await clock.advanceBy(500);
      await new Promise<void>((resolve) => setTimeout(resolve, 2));
    }
    expect(clock.monotonicMs() - startedMs).toBeLessThan(7_000);
    const { status, body, headers } = await asked;
    expect(status).toBe(503);
    expect(body).toMatchObject({ code: 'view_behind' });
    expect(headers).toMatchObject({ 'retry-after': '1', 'x-should-retry': 'true' });
  });

  test.each([
    'junk',
    tokenOf('order-1', 1),
    Buffer.from('1@elsewhere').toString('base64url'),
    Buffer.from('-1@session-1').toString('base64url'),
  ])('refuses the token %s', async (token) => {
    expect(await get(`/v1/sessions/${sessions[0]}?min_position=${token}`)).toMatchObject({
      status: 422,
      body: { code: 'request_invalid' },
    });
  });
});

describe('a turn stream', () => {
  test('is over for a client that has the ending', async () => {
    const path = `/v1/sessions/${sessions[0]}/turns/${turns[0]?.turnId}/stream`;
    expect((await app.send({ path: `${path}?after=1000000000`, headers: { host: 'localhost' } })).status).toBe(204);
    const resumed = await app.send({ path, headers: { host: 'localhost', 'last-event-id': '1000000000' } });
    expect(resumed.status).toBe(204);
  });

  test('of an ended turn is its request and its ending, at once', async () => {
    const { text, headers } = await app.send({
      path: `/v1/sessions/${sessions[0]}/turns/${turns[0]?.turnId}/stream`,
      headers: { host: 'localhost' },
    });
    expect(headers['content-type']).toContain('text/event-stream');
    expect(text.match(/^id: .*$/gm)).toEqual(['id: 1', 'id: 1000000000']);
    expect(text).toContain('"response":"Answer 0"');
  });

  test.each(['x', '-1', '1.5', '99999999999'])('refuses Last-Event-ID %s', async (id) => {
    const path = `/v1/sessions/${sessions[0]}/turns/${turns[0]?.turnId}/stream`;
    expect((await app.send({ path, headers: { host: 'localhost', 'last-event-id': id } })).status).toBe(422);
  });
});

describe('a database that does not answer', () => {
  test('is 503, not an empty list', async () => {
    const working = views;
    const closed = new Pool({ connectionString: database.connectionString });
    await closed.end();
    views = openPostgresViewDatabase({ pool: closed });
    expect(await get('/v1/sessions')).toMatchObject({ status: 503, body: { code: 'store_unavailable' } });
    views = working;
  });
});
