import { once } from 'node:events';
import { mkdir, realpath, truncate, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { CLUSTER_NAME } from './postgres/place-cluster.ts';
import { findPostmaster } from './postgres/postmaster.ts';
import { testFolderPath } from './postgres/testing/test-folder.ts';
import { type EmbeddedProcess, endEmbedded, startEmbeddedProcess } from './testing/embedded-process.ts';
import { httpCalls } from './testing/http-calls.ts';

let turnledger: EmbeddedProcess;
/** Listens where a DATABASE_URL or an OPENAI_BASE_URL of somebody's shell may point. */
let trap: Server;
let trapPort: number;
let trapped = 0;
/** Under way from the start: it waits 3 s for the lock. */
let secondStart: Promise<string>;

beforeAll(async () => {
  trap = createServer(() => {
    trapped += 1;
  });
  trap.listen(0, '127.0.0.1');
  await once(trap, 'listening');
  trapPort = (trap.address() as AddressInfo).port;
  turnledger = await startEmbeddedProcess({
    env: { OPENAI_API_KEY: 'sk-somebody-elses', DATABASE_URL: `postgres://somebody@127.0.0.1:${trapPort}/theirs` },
  });
  secondStart = refusal({ dataDir: turnledger.dataDir });
  secondStart.catch(() => undefined);
});

afterAll(async () => {
  await endEmbedded();
  trap.close();
});

/** What a refused start said; that it was one line, with exit code 1 and nothing on standard output, is expected here. */
const refusal = async (options: Parameters<typeof startEmbeddedProcess>[0]): Promise<string> => {
  const refused = await startEmbeddedProcess(options);
  expect(await refused.ended).toEqual({ code: 1, signal: null });
  expect(refused.stdout()).toBe('');
  expect(refused.stderr()).toMatch(/^turnledger: [^\n]+\n$/);
  return refused.stderr();
};

test('a key and a database in the environment are not used: nobody asked for them', async () => {
  const { body } = await httpCalls(turnledger.url).generate({ prompt: 'Who are you?' });
  expect(body).toMatchObject({ status: 'completed', model: 'scripted' });
  expect(turnledger.stdout()).toContain('OPENAI_API_KEY was found and is not used');
  expect(trapped).toBe(0);
});

test('a taken port is refused before any data is made', async () => {
  const dataDir = testFolderPath();
  const line = await refusal({ dataDir, port: Number(new URL(turnledger.url).port) });
  expect(line).toMatch(/port is taken: \d+ is in use; choose another with PORT/);
  await expect(mkdir(dataDir)).resolves.toBeUndefined();
});

test('a file in place of the data folder is refused', async () => {
  const dataDir = testFolderPath();
  await mkdir(dirname(dataDir), { recursive: true });
  await writeFile(dataDir, '');
  expect(await refusal({ dataDir })).toContain('there is a file in its place');
});

test('every mistake in the environment has a line of its own', async () => {
  const refused = await startEmbeddedProcess({
    env: {
      PORT: 'eighty',
      OPENAI_BASE_URL: 'ftp://127.0.0.1',
      TURNLEDGER_DATABASE: 'mysql',
      TURNLEDGER_MASTER_KEY: 'c2hvcnQ=',
      TURNLEDGER_MODLE: 'twin',
    },
  });
  expect(await refused.ended).toEqual({ code: 1, signal: null });
  const lines = refused.stderr().trimEnd().split('\n');
  for (const name of ['PORT', 'OPENAI_BASE_URL', 'TURNLEDGER_DATABASE', 'TURNLEDGER_MASTER_KEY', 'TURNLEDGER_MODLE']) {
    expect(lines.filter((line) => new RegExp(`\\b${name}\\b`).test(line))).toHaveLength(1);
  }
  expect(lines.length).toBeLessThanOrEqual(6);
});

test('a second start on the same data is refused with the process id of the first, which goes on', async () => {
  expect(await secondStart).toContain(`is used by process ${turnledger.pid}`);
  expect((await httpCalls(turnledger.url).generate({ prompt: 'Still here?' })).status).toBe(200);
});

test('a master key that is none, and one that is another, are refused, and nothing is left running', async () => {
  const { dataDir } = turnledger;
  await turnledger.stop();
  await writeFile(join(dataDir, 'master.key'), 'not a key\n');
  expect(await refusal({ dataDir })).toMatch(/master\.key is not 32 bytes in base64/);
  await writeFile(join(dataDir, 'master.key'), `${Buffer.alloc(32, 8).toString('base64')}\n`);
  expect(await refusal({ dataDir })).toMatch(/master key is not the one that wrapped this vault/);
  expect((await findPostmaster(await realpath(join(dataDir, CLUSTER_NAME)))).state).toBe('absent');
});

test('a damaged cluster is refused with what is damaged', async () => {
  const { dataDir } = turnledger;
  await truncate(join(dataDir, CLUSTER_NAME, 'global', 'pg_control'), 100);
  expect(await refusal({ dataDir })).toMatch(/data folder cannot be used: .*pg_control/);
});
