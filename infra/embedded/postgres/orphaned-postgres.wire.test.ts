import type { ChildProcess } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import pg from 'pg';
import { findPostmaster, isPostmaster } from './postmaster.ts';
import { startPostgres } from './start-postgres.ts';
import { runsOn, stopPostmaster } from './stop-postmaster.ts';
import { endInstance, startInstance } from './testing/instance.ts';
import { makeTestFolder, quietLog, removeTestFolder } from './testing/test-folder.ts';

let dataDir: string;
let children: ChildProcess[];

const start = (): ReturnType<typeof startInstance> => {
  const instance = startInstance(dataDir);
  children.push(instance.child);
  return instance;
};

beforeEach(async () => {
  dataDir = await makeTestFolder();
  children = [];
});

afterEach(async () => {
  for (const child of children) await endInstance(child);
  const cluster = join(dataDir, 'postgres');
  const left = await findPostmaster(cluster);
  if (left.state === 'ready') await stopPostmaster(left.pid, runsOn(left.pid, cluster));
  await removeTestFolder(dataDir);
});

test('the server of an instance killed with SIGKILL is adopted with its data, and ended by stop', async () => {
  const first = start();
  const { pid } = await first.report;
  await endInstance(first.child, 'SIGKILL');

  const postgres = await startPostgres({ dataDir, log: quietLog });
  expect(postgres).toMatchObject({ adopted: true, pid });
  const client = new pg.Client({ ...postgres.connection });
  await client.connect();
  expect((await client.query('SELECT 1 AS n')).rows).toEqual([{ n: 1 }]);
  await client.end();

  await postgres.stop();
  expect(await isPostmaster(postgres.pid, join(dataDir, 'postgres'))).toBe(false);
  expect(await postgres.exited).toMatchObject({ expected: true });
});

test('a killed instance does not keep the folder: the next one works at once', async () => {
  const first = start();
  await first.report;
  await endInstance(first.child, 'SIGKILL');
  expect(await start().report).toMatchObject({ adopted: true });
});

test('a second instance is refused with the process id of the first, which goes on', async () => {
  const first = start();
  const { pid } = await first.report;
  expect(await start().report).toMatchObject({
    code: 'data_folder_in_use',
    message: expect.stringContaining(`process ${first.child.pid}`),
  });
  expect(await findPostmaster(join(dataDir, 'postgres'))).toMatchObject({ state: 'ready', pid });
});

test('of two instances that start at once on an empty folder one works and the other is refused', async () => {
  const reports = await Promise.all([start().report, start().report]);
  expect(reports.filter((report) => report.pid !== undefined)).toHaveLength(1);
  expect(reports.filter((report) => report.code === 'data_folder_in_use')).toHaveLength(1);
});

test('a kill while the cluster is being made leaves nothing that the next start stumbles over', async () => {
  const killed = start();
  while (!(await readdir(dataDir)).some((name) => name.startsWith('postgres.new-'))) await sleep(2);
  await endInstance(killed.child, 'SIGKILL');

  const postgres = await startPostgres({ dataDir, log: quietLog });
  await postgres.stop();
  const again = await startPostgres({ dataDir, log: quietLog });
  await again.stop();
  expect((await readdir(dataDir)).filter((name) => name.includes('.new-'))).toEqual([]);
});

test('a server that is ending is waited for, not adopted', async () => {
  const postgres = await startPostgres({ dataDir, log: quietLog });
  const stopping = postgres.stop();
  const next = await startPostgres({ dataDir, log: quietLog });
  await stopping;
  await next.stop();
  expect(next.pid).not.toBe(postgres.pid);
});
