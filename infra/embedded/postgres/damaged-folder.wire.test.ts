import { execFile } from 'node:child_process';
import { readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { startPostgres } from './start-postgres.ts';
import { makeTestFolder, quietLog, removeTestFolder, testFolderPath } from './testing/test-folder.ts';

/** Stopped and whole; each test damages a copy. */
let whole: string;
let dataDir: string;

beforeAll(async () => {
  whole = await makeTestFolder();
  await (await startPostgres({ dataDir: whole, log: quietLog })).stop();
});

beforeEach(async () => {
  dataDir = testFolderPath();
  await promisify(execFile)('cp', ['-a', whole, dataDir]);
});

afterEach(() => removeTestFolder(dataDir));
afterAll(() => removeTestFolder(whole));

const inCluster = (...names: string[]): string => join(dataDir, 'postgres', ...names);
const refusal = async (): Promise<{ readonly code: string; readonly message: string }> => {
  const outcome = await startPostgres({ dataDir, log: quietLog }).then(
    () => ({ code: 'started', message: '' }),
    (error: { code: string; message: string }) => error,
  );
  expect(outcome.message).not.toContain('\n');
  return outcome;
};
const unusable = (message: RegExp) => ({ code: 'data_folder_unusable', message: expect.stringMatching(message) });

test('a control file cut short', async () => {
  await truncate(inCluster('global', 'pg_control'), 100);
  expect(await refusal()).toMatchObject(unusable(/pg_control.*100 of/));
});

test('a log that is gone', async () => {
  await rm(inCluster('pg_wal'), { recursive: true });
  expect(await refusal()).toMatchObject(unusable(/pg_wal/));
});

test('a PG_VERSION that is no number', async () => {
  await writeFile(inCluster('PG_VERSION'), 'garbage\n');
  expect(await refusal()).toMatchObject(unusable(/PG_VERSION does not name a version/));
});

test('a cluster of another major version names both', async () => {
  await writeFile(inCluster('PG_VERSION'), '15\n');
  expect(await refusal()).toMatchObject(unusable(/made by PostgreSQL 15, and this is 18/));
});

test('files without a PG_VERSION are kept, not written over', async () => {
  await rm(inCluster('PG_VERSION'));
  expect(await refusal()).toMatchObject(unusable(/holds files but no PG_VERSION/));
  expect((await readFile(inCluster('postgresql.conf'))).length).toBeGreaterThan(0);
});

test('a file in place of the cluster', async () => {
  await rm(inCluster(), { recursive: true });
  await writeFile(inCluster(), '');
  expect(await refusal()).toMatchObject(unusable(/postgres is a file/));
});
