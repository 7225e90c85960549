import { lstat, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import pg from 'pg';
import { openDataFolder } from './data-folder.ts';
import { isPostmaster } from './postmaster.ts';
import type { RunningPostgres } from './running-postgres.ts';
import { connectionUrl } from './server-address.ts';
import { startPostgres } from './start-postgres.ts';
import { makeTestFolder, quietLog, removeTestFolder, testFolderPath } from './testing/test-folder.ts';

let dataDir: string;
let running: RunningPostgres[];

const start = async (folder = dataDir): Promise<RunningPostgres> => {
  const postgres = await startPostgres({ dataDir: folder, log: quietLog });
  running.push(postgres);
  return postgres;
};

async function ask(postgres: RunningPostgres, sql: string): Promise<readonly unknown[]> {
  const client = new pg.Client({ connectionString: connectionUrl(postgres.connection) });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

beforeEach(async () => {
  dataDir = await makeTestFolder();
  running = [];
});

afterEach(async () => {
  for (const postgres of running) await postgres.stop();
  await removeTestFolder(dataDir);
});

test('the second start finds what the first one stored', async () => {
  const first = await start();
  expect(first.adopted).toBe(false);
  await ask(first, 'CREATE TABLE kept AS SELECT 7 AS n');
  await first.stop();

  const second = await start();
  expect(second.adopted).toBe(false);
  expect(await ask(second, 'SELECT n FROM kept')).toEqual([{ n: 7 }]);
});

test('the server is durable, speaks UTF-8 in code point order and listens on no TCP port', async () => {
  const settings = await ask(
    await start(),
    `SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commit, current_setting('server_encoding') AS encoding,
            current_setting('listen_addresses') AS tcp, upper('é') AS upper, 'a' > 'B' AS code_points, current_setting('data_checksums') AS checksums`,
  );
  const expected = {
    fsync: 'on',
    commit: 'on',
    encoding: 'UTF8',
    tcp: '',
    upper: 'É',
    code_points: true,
    checksums: 'on',
  };
  expect(settings).toEqual([expected]);
});

test('the socket is in a folder that only the server may enter', async () => {
  const { connection } = await start();
  expect((await lstat(connection.host)).mode & 0o777).toBe(0o700);
});

test('stop leaves no process and resolves exited as expected', async () => {
  const postgres = await start();
  await Promise.all([postgres.stop(), postgres.stop()]);
  expect(await postgres.exited).toEqual({ expected: true, detail: 'stopped' });
  expect(await isPostmaster(postgres.pid, join(dataDir, 'postgres'))).toBe(false);
  await expect(lstat(join(dataDir, 'postgres', 'postmaster.pid'))).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a server that ends by itself resolves exited with its last words', async () => {
  const postgres = await start();
  process.kill(postgres.pid, 'SIGQUIT');
  expect(await postgres.exited).toMatchObject({ expected: false, detail: expect.stringMatching(/\S/) });
});

test('a server whose data folder was deleted under it still ends with stop', async () => {
  const postgres = await start();
  await removeTestFolder(dataDir);
  await postgres.stop();
  expect(() => process.kill(postgres.pid, 0)).toThrow(expect.objectContaining({ code: 'ESRCH' }));
});

test('a data folder with a long path gets its socket elsewhere', async () => {
  const long = await openDataFolder(join(dataDir, 'a'.repeat(60), 'b, c é'.padEnd(60, 'd')));
  const postgres = await start(long);
  expect(Buffer.byteLength(postgres.connection.host)).toBeLessThan(90);
  expect(await ask(postgres, 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
  await postgres.stop();
  await expect(lstat(postgres.connection.host)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a moved data folder starts where it is now', async () => {
  const first = await start();
  await ask(first, 'CREATE TABLE kept AS SELECT 7 AS n');
  await first.stop();
  const moved = testFolderPath();
  await rename(dataDir, moved);
  try {
    const second = await start(moved);
    expect(await ask(second, 'SELECT n FROM kept')).toEqual([{ n: 7 }]);
    await second.stop();
  } finally {
    await removeTestFolder(moved);
  }
});

test('a pid file whose process id is now a stranger does not stop a start, nor is the stranger hurt', async () => {
  const first = await start();
  const pidFile = join(dataDir, 'postgres', 'postmaster.pid');
  const text = await readFile(pidFile, 'utf8');
  await first.stop();
  // The jest process itself is the stranger: it would not survive a signal.
  await writeFile(pidFile, text.replace(/^\d+/, String(process.pid)), { mode: 0o600 });
  const second = await start();
  expect(second.adopted).toBe(false);
  expect(await ask(second, 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
});
