import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type ClientBase, Pool } from 'pg';
import { viewName, views, viewTable } from '../../contracts/index.ts';
import type { ViewRow } from '../../ports/index.ts';
import { cutBlockedStatement } from '../../testing/cut-blocked-statement.ts';
import { type FreshDatabase, freshDatabase } from '../../testing/fresh-database.ts';
import { migratePostgres } from './migrate.ts';
import { openPostgresViewDatabase } from './postgres-view-database.ts';
import { openPostgresViewStore } from './postgres-view-store.ts';
import { commitViews } from './view-commit.ts';

const { turns, sessions, scenarioVersions } = views;

const all = Object.values(views);

const row = (key: string, record: { readonly [field: string]: unknown }): ViewRow => ({
  key,
  stream: `session-${key}`,
  revision: 1,
  record: JSON.stringify(record),
});

describe('the views in PostgreSQL', () => {
  let database: FreshDatabase;
  let pool: Pool;
  const store = () => openPostgresViewStore({ pool });

  beforeAll(async () => {
    database = await freshDatabase();
    await migratePostgres(database);
    pool = new Pool({ connectionString: database.connectionString, max: 4 });
    // Idle connections that a test cuts; unheard, that would end the process.
    pool.on('error', () => undefined);
    await store().prepare(all);
  });

  beforeEach(async () => {
    await pool.query(`truncate ${all.map(viewTable).join(', ')}`);
    await pool.query('update turnledger_views.checkpoint set position = 0');
  });

  afterAll(async () => {
    await pool.end();
    await database.drop();
  });

  /** The plan of a statement when reading the whole table is forbidden, so that small tables show what large ones would do. */
  async function planOf(statement: string): Promise<string> {
    const client = await pool.connect();
    await client.query('begin; set local enable_seqscan = off; set local enable_sort = off');
    const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain ${statement}`);
    await client.query('rollback');
    client.release();
    return rows.map((line) => line['QUERY PLAN']).join('\n');
  }

  test('a turn’s columns follow from its record', async () => {
    const requestedAt = '2026-01-02T03:04:05.678Z';
    const record = {
      sessionId: 's',
      position: 7,
      status: 'requested',
      scenarioId: 'inn',
      requestedAt,
      deadlineAtMs: 1_767_323_075_678,
    };
    await store().commit([{ view: turns, rows: [row('t', record)] }], { from: 0n, to: 1n });
    const columns =
      'session_id, position, status, scenario_id, model, error_code, requested_at, ended_at, deadline_at_ms';
    const { rows } = await pool.query(`select ${columns} from ${viewTable(turns)}`);
    expect(rows).toEqual([
      {
        session_id: 's',
        position: 7,
        status: 'requested',
        scenario_id: 'inn',
        model: null,
        error_code: null,
        requested_at: requestedAt,
        ended_at: null,
        deadline_at_ms: '1767323075678',
      },
    ]);
  });

  test('the columns of a row change with its record', async () => {
    await store().commit([{ view: turns, rows: [row('t', { status: 'started' })] }], { from: 0n, to: 1n });
    await store().commit([{ view: turns, rows: [row('t', { status: 'completed', model: 'm' })] }], {
      from: 1n,
      to: 2n,
    });
    const { rows } = await pool.query(`select status, model from ${viewTable(turns)}`);
    expect(rows).toEqual([{ status: 'completed', model: 'm' }]);
  });

  test('open turns past their deadline come from an index of open turns alone', async () => {
    const open = `select key from ${viewTable(turns)} where status in ('requested', 'started') and deadline_at_ms < 5 order by deadline_at_ms`;
    const records = [
      { status: 'started', deadlineAtMs: 3 },
      { status: 'requested', deadlineAtMs: 2 },
      { status: 'completed', deadlineAtMs: 1 },
      { status: 'requested', deadlineAtMs: 9 },
    ];
    await store().commit([{ view: turns, rows: records.map((record, n) => row(`t${n}`, record)) }], {
      from: 0n,
      to: 1n,
    });
    expect((await pool.query(open)).rows).toEqual([{ key: 't1' }, { key: 't0' }]);
    expect(await planOf(open)).toContain(`${viewName(turns)}_open_by_deadline`);
  });

  test('the turns of a session come in order from an index', async () => {
    const ofSession = `select key from ${viewTable(turns)} where session_id = 's' order by requested_revision`;
    const rows = [3, 1, 2].map((position) => row(`t${position}`, { sessionId: 's', requestedRevision: position }));
    await store().commit([{ view: turns, rows: [...rows, row('other', { sessionId: 'o', requestedRevision: 1 })] }], {
      from: 0n,
      to: 1n,
    });
    expect((await pool.query(ofSession)).rows.map(({ key }) => key)).toEqual(['t1', 't2', 't3']);
    expect(await planOf(ofSession)).toContain(`${viewName(turns)}_by_session`);
  });

  test('sessions are listed newest first, page after page, from an index', async () => {
    const rows = ['c', 'a', 'b', 'd'].map((key, n) =>
      row(key, { startedAt: `2026-01-01T00:00:0${n < 3 ? 0 : 1}.000Z` }),
    );
    await store().commit([{ view: sessions, rows }], { from: 0n, to: 1n });
    const table = viewTable(sessions);
    const first = await pool.query(`select key, started_at from ${table} order by started_at desc, key desc limit 2`);
    expect(first.rows.map(({ key }) => key)).toEqual(['d', 'c']);
    const next = `select key from ${table} where (started_at, key) < ('${first.rows[1]?.started_at}', 'c') order by started_at desc, key desc`;
    expect((await pool.query(next)).rows.map(({ key }) => key)).toEqual(['b', 'a']);
    expect(await planOf(next)).toContain(`${viewName(sessions)}_newest_first`);
  });

  test('the sessions of a player are found by an index', async () => {
    const npc = { kind: 'npc', scenarioId: 'inn' };
    const rows = [
      row('one', { participants: [{ kind: 'player', playerId: 'p1' }, npc] }),
      row('two', {
        participants: [
          { kind: 'player', playerId: 'p2' },
          { kind: 'player', playerId: 'p1' },
        ],
      }),
      row('none', { participants: [npc] }),
    ];
    await store().commit([{ view: sessions, rows }], { from: 0n, to: 1n });
    const ofPlayer = `select key from ${viewTable(sessions)} where player_ids ? 'p1'`;
    expect((await pool.query(ofPlayer)).rows.map(({ key }) => key).sort()).toEqual(['one', 'two']);
    expect(await planOf(ofPlayer)).toContain(`${viewName(sessions)}_of_player`);
  });

  test('a scenario version knows which revision promoted it, if one did', async () => {
    const rows = [null, 3].map((promotedRevision, n) =>
      row(`inn@${n}`, { scenarioId: 'inn', version: n, promotedRevision }),
    );
    await store().commit([{ view: scenarioVersions, rows }], { from: 0n, to: 1n });
    const held = await pool.query(
      `select version, promoted_revision from ${viewTable(scenarioVersions)} order by version`,
    );
    expect(held.rows).toEqual([
      { version: 0, promoted_revision: null },
      { version: 1, promoted_revision: 3 },
    ]);
  });

  test('model calls are listed newest first, all of them or a session’s, from an index', async () => {
    const rows = ['b', 'a', 'c'].map((key, n) =>
      row(key, { sessionId: n === 2 ? 'other' : 's', startedAt: '2026-01-01T00:00:00.000Z', status: 'open' }),
    );
    await store().commit([{ view: views.llmCalls, rows }], { from: 0n, to: 1n });
    const table = viewTable(views.llmCalls);
    const newest = `select key from ${table} order by started_at desc, key desc limit 2`;
    expect((await pool.query(newest)).rows.map(({ key }) => key)).toEqual(['c', 'b']);
    expect(await planOf(newest)).toContain('llm_calls_v1_newest_first');
    const ofSession = `select key from ${table} where session_id = 's' order by started_at desc, key desc limit 2`;
    expect((await pool.query(ofSession)).rows.map(({ key }) => key)).toEqual(['b', 'a']);
    expect(await planOf(ofSession)).toContain('llm_calls_v1_of_session');
  });

  test('the usage of some days is found by an index, and its sums change without touching one', async () => {
    const usage = (calls: number, revision: number) => ({ ...row('k', { day: '2026-01-01', calls }), revision });
    await store().commit([{ view: views.usageDaily, rows: [usage(1, 1)] }], { from: 0n, to: 1n });
    await store().commit([{ view: views.usageDaily, rows: [usage(2, 2)] }], { from: 1n, to: 2n });
    const table = viewTable(views.usageDaily);
    const ofDays = `select record ->> 'calls' as calls from ${table} where day >= '2026-01-01' and day <= '2026-01-31'`;
    expect((await pool.query(ofDays)).rows).toEqual([{ calls: '2' }]);
    expect(await planOf(ofDays)).toContain(`${viewName(views.usageDaily)}_of_day`);
  });

  test('a view whose table was dropped is begun anew, and no other is', async () => {
    const position = 7n;
    await store().commit(
      all.map((view) => ({ view, rows: [] })),
      { from: 0n, to: position },
    );
    await pool.query(`drop table ${viewTable(views.usageDaily)}`);
    await store().prepare(all);
    const checkpoints = await Promise.all(all.map((view) => store().checkpoint(view)));
    expect(checkpoints).toEqual(all.map((view) => (view === views.usageDaily ? 0n : position)));
  });

  test('a batch of every view is one statement and one round trip', async () => {
    const client = await pool.connect();
    const texts: unknown[] = [];
    const watched: ClientBase = Object.assign(Object.create(client), {
      query: (statement: { readonly text: string }) => {
        texts.push(statement.text);
        return client.query(statement);
      },
    });
    const changes = all.map((view) => ({ view, rows: [row('k', {})] }));
    expect(await commitViews(watched, changes, { from: 0n, to: 1n })).toBe('ok');
    expect(texts).toHaveLength(1);
    client.release();
  });

  test('a batch leaves the connection’s other statements as durable as they were', async () => {
    const client = await pool.connect();
    await commitViews(client, [{ view: turns, rows: [row('t', {})] }], { from: 0n, to: 1n });
    const { rows } = await client.query('show synchronous_commit');
    expect(rows).toEqual([{ synchronous_commit: 'on' }]);
    client.release();
  });

  test('queries get rows with the record parsed, and store_unavailable for what PostgreSQL refuses', async () => {
    await store().commit([{ view: turns, rows: [row('t', { position: 1 })] }], { from: 0n, to: 1n });
    const database = openPostgresViewDatabase({ pool });
    expect(await database.query(`select record from ${viewTable(turns)} where key = $1`, ['t'])).toEqual([
      { record: { position: 1 } },
    ]);
    await expect(database.query('select nonsense', [])).rejects.toMatchObject({ code: 'store_unavailable' });
  });

  test('a connection lost in the middle of a commit is store_unavailable and leaves nothing', async () => {
    const blocker = await pool.connect();
    await blocker.query(`begin; lock table ${viewTable(turns)} in exclusive mode`);
    const committed = store().commit([{ view: turns, rows: [row('t', {})] }], { from: 0n, to: 1n });
    const failed = expect(committed).rejects.toMatchObject({ code: 'store_unavailable' });
    await cutBlockedStatement(pool, 'insert into turnledger_views');
    await failed;
    await blocker.query('rollback');
    blocker.release();
    expect(await store().checkpoint(turns)).toBe(0n);
    expect(await store().rows(turns, ['t'])).toEqual([]);
    expect(await store().commit([{ view: turns, rows: [row('t', {})] }], { from: 0n, to: 1n })).toBe('ok');
  });

  test('a batch that PostgreSQL refuses is store_unavailable, leaves nothing, and the pool goes on', async () => {
    const broken: ViewRow = { ...row('t', {}), record: 'no JSON' };
    await expect(store().commit([{ view: turns, rows: [broken] }], { from: 0n, to: 1n })).rejects.toMatchObject({
      code: 'store_unavailable',
    });
    expect(await store().checkpoint(turns)).toBe(0n);
    expect(pool.idleCount).toBe(pool.totalCount);
  });

  test("a connection whose server ends in the moment it is handed over is the caller's error, not the process's end", async () => {
    const one = new Pool({ connectionString: database.connectionString, max: 1 });
    const client = await one.connect();
    const asked = openPostgresViewStore({ pool: one }).checkpoint(turns);
    while (one.waitingCount === 0) await new Promise((resolve) => setImmediate(resolve));
    // As pg does when one packet holds the end of a query and the server's last words: the query's caller lets go, and the error follows.
    client.release();
    client.emit('error', new Error('terminating connection due to unexpected postmaster exit'));
    await asked.catch(() => undefined);
    await one.end();
    expect(one.totalCount).toBe(0);
  });

  test('a database that is not there is store_unavailable', async () => {
    const nowhere = new Pool({ host: '127.0.0.1', port: 1, user: 'nobody', database: 'nowhere' });
    await expect(openPostgresViewStore({ pool: nowhere }).checkpoint(turns)).rejects.toMatchObject({
      code: 'store_unavailable',
    });
    await nowhere.end();
  });
});
