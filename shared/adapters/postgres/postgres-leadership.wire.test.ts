import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Pool } from 'pg';
import { DatabaseProxy } from '../../testing/database-proxy.ts';
import { type FreshDatabase, freshDatabase } from '../../testing/fresh-database.ts';
import { aborted, heldWork, hurried } from '../../testing/leadership-contract.ts';
import { systemClock } from '../system/index.ts';
import type { PostgresConnection } from './connection.ts';
import { openPostgresLeadership } from './postgres-leadership.ts';

describe('leadership over lost connections', () => {
  let database: FreshDatabase;
  let pool: Pool;
  let stop: AbortController;
  let leading: Promise<void>[];
  let reported: unknown[];
  let onReport: () => void;

  beforeAll(async () => {
    database = await freshDatabase();
    pool = new Pool({ connectionString: database.connectionString, max: 2 });
    pool.on('error', () => undefined);
  });

  beforeEach(() => {
    stop = new AbortController();
    leading = [];
    reported = [];
    onReport = () => undefined;
  });

  afterEach(async () => {
    stop.abort();
    await Promise.all(leading);
  });

  afterAll(async () => {
    await pool.end();
    await database.drop();
  });

  const lead = (work: (signal: AbortSignal) => Promise<void>, connection: PostgresConnection = database) => {
    const report = (_name: string, error: unknown) => {
      reported.push(error);
      onReport();
    };
    const candidate = openPostgresLeadership({ connection, clock: hurried(systemClock), report });
    leading.push(candidate.lead('relay', work, stop.signal));
  };

  const cutLeader = () =>
    pool.query(
      `select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted
       and database = (select oid from pg_database where datname = current_database())`,
    );

  test('a leader that is frozen loses its lead within ten seconds, though its connection stands', async () => {
    // What a stopped process does: nothing, while its kernel answers for it.
    const frozen = { ...systemClock, sleep: () => new Promise<void>(() => undefined) };
    const first = heldWork();
    const leader = openPostgresLeadership({ connection: database, clock: frozen, report: () => undefined });
    void leader.lead('relay', first.work, stop.signal);
    await first.began;
    const startedMs = systemClock.monotonicMs();
    const second = heldWork();
    lead(second.work);
    await second.began;
    expect(systemClock.monotonicMs() - startedMs).toBeLessThan(10_000);
    expect(first.terms[0]?.aborted).toBe(true);
  });

  test('a leader whose connection is lost stops, and another takes over', async () => {
    const first = heldWork();
    lead(first.work);
    await first.began;
    const second = heldWork();
    lead(second.work);
    const [signal] = first.terms;
    await cutLeader();
    await Promise.all([signal && aborted(signal), second.began]);
    expect(second.terms[0]?.aborted).toBe(false);
  });

  test('a lost lead is reported', async () => {
    const first = heldWork();
    lead(first.work);
    await first.began;
    const [signal] = first.terms;
    await cutLeader();
    if (signal) await aborted(signal);
    stop.abort();
    await Promise.all(leading);
    expect(reported).toMatchObject([{ code: 'store_unavailable' }]);
  });

  test('a leader that lost its connection leads again', async () => {
    let terms = 0;
    const again = new Promise<void>((resolve) => {
      lead(async (signal) => {
        terms += 1;
        if (terms === 2) resolve();
        else await cutLeader();
        await aborted(signal);
      });
    });
    await again;
    expect(terms).toBe(2);
  });

  test('a leader that hears nothing any more stops within 3 s', async () => {
    const proxy = await DatabaseProxy.before(database.connectionString);
    const held = heldWork();
    lead(held.work, proxy.connection);
    await held.began;
    const [signal] = held.terms;
    const startedMs = systemClock.monotonicMs();
    await proxy.breakBy('withhold');
    if (signal) await aborted(signal);
    expect(systemClock.monotonicMs() - startedMs).toBeLessThan(3_000);
    stop.abort();
    await proxy.close();
  });

  test('a candidate keeps trying while the database is away', async () => {
    const proxy = await DatabaseProxy.before(database.connectionString);
    await proxy.close();
    const held = heldWork();
    await new Promise<void>((resolve) => {
      onReport = resolve;
      lead(held.work, proxy.connection);
    });
    await proxy.open();
    await held.began;
    stop.abort();
    await Promise.all(leading);
    await proxy.close();
  });

  test('nothing of an ended candidate stays connected', async () => {
    const held = heldWork();
    lead(held.work);
    await held.began;
    stop.abort();
    await Promise.all(leading);
    const connected = `select pid from pg_stat_activity where datname = current_database() and application_name like 'turnledger-lead-%'`;
    // The server notices a closed socket a moment later.
    while ((await pool.query(connected)).rowCount !== 0);
    const locks = await pool.query(`select * from pg_locks where locktype = 'advisory'
      and database = (select oid from pg_database where datname = current_database())`);
    expect(locks.rowCount).toBe(0);
  });
});
