import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import pg from 'pg';
import { holdInstanceLock, type InstanceLock } from './instance-lock.ts';
import { keepInstanceLock } from './keep-instance-lock.ts';
import { connectionTo, type PostgresConnection } from './server-address.ts';

let admin: pg.Client;
let connection: PostgresConnection;
let closing: AbortController;
let warnings: string[];
let lock: InstanceLock;
let told: () => void;

beforeAll(async () => {
  admin = new pg.Client({ connectionString: process.env.TURNLEDGER_TEST_DATABASE_URL ?? '' });
  await admin.connect();
  const database = `kept_lock_${process.pid}`;
  await admin.query(`CREATE DATABASE ${database}`);
  connection = { ...connectionTo(admin.host, admin.port), user: admin.user ?? '', database };
});
beforeEach(async () => {
  closing = new AbortController();
  warnings = [];
  told = () => undefined;
  const warn = (_facts: object, sentence: string) => {
    warnings.push(sentence);
    told();
  };
  lock = await keepInstanceLock(connection, '/a/folder', { log: { warn }, closing: closing.signal });
});
afterEach(async () => {
  closing.abort();
  await lock.release();
});
afterAll(async () => {
  await admin.query(`DROP DATABASE ${connection.database} WITH (FORCE)`);
  await admin.end();
});

/** Cuts the connections of the lock, and lets nobody back in for as long as `work` takes. */
const whileAway = async (work: () => Promise<void> = async () => undefined) => {
  const heard = new Promise<void>((resolve) => {
    told = resolve;
  });
  await admin.query(`ALTER DATABASE ${connection.database} ALLOW_CONNECTIONS false`);
  await admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [connection.database]);
  await heard;
  await work();
  await admin.query(`ALTER DATABASE ${connection.database} ALLOW_CONNECTIONS true`);
};

/** How many have the lock, or wait for it. */
const lockers = async (isGranted: boolean): Promise<number> => {
  const { rowCount } = await admin.query(
    `SELECT FROM pg_locks JOIN pg_database ON pg_database.oid = database WHERE locktype = 'advisory' AND granted = $2 AND datname = $1`,
    [connection.database, isGranted],
  );
  return rowCount ?? 0;
};
const holders = () => lockers(true);

test('a lock whose server went away is held again once it is back, and is not lost', async () => {
  await whileAway();
  while ((await holders()) === 0);
  await expect(holdInstanceLock(connection, '/a/folder')).rejects.toMatchObject({ code: 'data_folder_in_use' });
  const outcome = await Promise.race([lock.lost.then(() => 'lost'), Promise.resolve('held')]);
  expect(outcome).toBe('held');
  expect(warnings).toEqual(['the database went away; requests answer 503 until it is back']);
});

test('a lock that another instance took meanwhile is lost', async () => {
  // Waits for the lock before it is lost, so that it is the first to have it.
  const other = new pg.Client({ ...connection });
  await other.connect();
  const taken = other.query('SELECT pg_advisory_lock($1, $2)', [0x5455524e, 0x4c454447]);
  // It is on another connection than the cut: sent first is not there first.
  while ((await lockers(false)) === 0);
  const ours = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'turnledger instance%' AND datname = $1`;
  await admin.query(ours, [connection.database]);
  await taken;
  await lock.lost;
  expect(warnings).toContain('another instance took the data folder while its database was away');
  await other.end();
});

test('once closing a loss is no loss: nothing is said, nothing is asked for', async () => {
  closing.abort();
  await admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [connection.database]);
  await lock.release();
  expect(warnings).toEqual([]);
  expect(await holders()).toBe(0);
});
