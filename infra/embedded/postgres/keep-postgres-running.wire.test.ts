import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import pg from 'pg';
import { type KeptPostgres, keepPostgresRunning } from './keep-postgres-running.ts';
import { findPostmaster } from './postmaster.ts';
import { makeTestFolder, removeTestFolder } from './testing/test-folder.ts';

let dataDir: string;
let postgres: KeptPostgres;
let warnings: string[];
let told: (sentence: string) => void;

beforeEach(async () => {
  dataDir = await makeTestFolder();
  warnings = [];
  told = () => undefined;
  const warn = (_facts: object, sentence: string) => {
    warnings.push(sentence);
    told(sentence);
  };
  postgres = await keepPostgresRunning({ dataDir, log: { info: () => undefined, warn } });
});
afterEach(async () => {
  await postgres.stop();
  await removeTestFolder(dataDir);
});

const ask = async (): Promise<boolean> => {
  const client = new pg.Client({ ...postgres.connection });
  client.on('error', () => undefined);
  return client
    .connect()
    .then(() => client.query('SELECT 1'))
    .then(
      () => true,
      () => false,
    )
    .finally(() => client.end().catch(() => undefined));
};
const heard = (wanted: string) =>
  new Promise<void>((resolve) => {
    told = (sentence) => {
      if (sentence === wanted) resolve();
    };
  });
const ENDED = 'PostgreSQL ended by itself and is started again';

test('a server killed twice is there again twice, at the same address', async () => {
  for (const pid of [postgres.pid, undefined]) {
    const found = await findPostmaster(join(dataDir, 'postgres'));
    const killed = pid ?? (found.state === 'ready' ? found.pid : Number.NaN);
    const ended = heard(ENDED);
    process.kill(killed, 'SIGKILL');
    await ended;
    while (!(await ask()));
  }
  expect(warnings.filter((sentence) => sentence === ENDED)).toHaveLength(2);
});

test('stop ends the tries, and the server that the last of them started', async () => {
  const ended = heard(ENDED);
  process.kill(postgres.pid, 'SIGKILL');
  await ended;
  await postgres.stop();
  expect(await findPostmaster(join(dataDir, 'postgres'))).toEqual({ state: 'absent' });
});

test('a folder that is gone is not made anew: the server is gone', async () => {
  const elsewhere = `${dataDir}-elsewhere`;
  await rename(dataDir, elsewhere);
  process.kill(postgres.pid, 'SIGKILL');
  await postgres.gone;
  await rename(elsewhere, dataDir);
});

test('a stop that was asked for is no loss', async () => {
  await postgres.stop();
  expect(warnings).toEqual([]);
  const outcome = await Promise.race([
    postgres.gone.then(() => 'gone'),
    new Promise((resolve) => setImmediate(resolve, 'quiet')),
  ]);
  expect(outcome).toBe('quiet');
});

test('a server that is left is neither ended nor started again', async () => {
  postgres.leave();
  expect(await ask()).toBe(true);
  const other = await keepPostgresRunning({ dataDir, log: { info: () => undefined, warn: () => undefined } });
  expect(other).toMatchObject({ adopted: true, pid: postgres.pid });
  await other.stop();
  expect(await findPostmaster(join(dataDir, 'postgres'))).toEqual({ state: 'absent' });
  expect(warnings).toEqual([]);
});
