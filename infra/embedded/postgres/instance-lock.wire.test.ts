import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { holdInstanceLock, type InstanceLock } from './instance-lock.ts';
import { connectionTo, type PostgresConnection } from './server-address.ts';

let admin: pg.Client;
let connection: PostgresConnection;
const held: InstanceLock[] = [];

const hold = async (): Promise<InstanceLock> => {
  const lock = await holdInstanceLock(connection, '/a/folder');
  held.push(lock);
  return lock;
};

const killHolder = () =>
  admin.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'turnledger instance%'`,
  );

beforeAll(async () => {
  admin = new pg.Client({ connectionString: process.env.TURNLEDGER_TEST_DATABASE_URL ?? '' });
  await admin.connect();
  const database = `instance_lock_${process.pid}`;
  await admin.query(`CREATE DATABASE ${database}`);
  connection = { ...connectionTo(admin.host, admin.port), user: admin.user ?? '', database };
});

afterEach(async () => {
  for (const lock of held.splice(0)) await lock.release();
});

afterAll(async () => {
  await admin.query(`DROP DATABASE ${connection.database} WITH (FORCE)`);
  await admin.end();
});

test('a released lock lets the next instance in', async () => {
  await (await hold()).release();
  await expect(hold()).resolves.toBeDefined();
});

test('a held lock refuses with the folder and the process that holds it', async () => {
  await hold();
  await expect(hold()).rejects.toMatchObject({
    code: 'data_folder_in_use',
    message: expect.stringMatching(new RegExp(`/a/folder is used by process ${process.pid};`)),
  });
});

test('who waits gets the lock as soon as the holder goes', async () => {
  const first = await hold();
  const second = hold();
  await first.release();
  await expect(second).resolves.toBeDefined();
});

test('a cut connection resolves lost', async () => {
  const lock = await hold();
  await killHolder();
  await expect(lock.lost).resolves.toBeUndefined();
});

test('a release does not count as lost', async () => {
  const lock = await hold();
  await lock.release();
  const outcome = await Promise.race([
    lock.lost.then(() => 'lost'),
    new Promise((resolve) => setImmediate(resolve, 'quiet')),
  ]);
  expect(outcome).toBe('quiet');
});

test('a server that is not there is store_unavailable', async () => {
  await expect(holdInstanceLock({ ...connection, port: 1 }, '/a/folder')).rejects.toMatchObject({
    code: 'store_unavailable',
  });
});
