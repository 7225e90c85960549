import { lstat, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openMasterKey } from './master-key.ts';
import { makeTestFolder, removeTestFolder } from './testing/test-folder.ts';

let dataDir: string;

beforeEach(async () => {
  dataDir = await makeTestFolder();
});

afterEach(() => removeTestFolder(dataDir));

test('the first call makes 32 bytes in a file of mode 0600 and leaves no other file', async () => {
  const { key, path, created } = await openMasterKey(dataDir);
  expect(created).toBe(true);
  expect(key).toHaveLength(32);
  expect((await lstat(path)).mode & 0o777).toBe(0o600);
  expect(Buffer.from(await readFile(path, 'utf8'), 'base64')).toEqual(key);
  expect(await readdir(dataDir)).toEqual(['master.key']);
});

test('the next call reads the same key', async () => {
  const first = await openMasterKey(dataDir);
  expect(await openMasterKey(dataDir)).toEqual({ ...first, created: false });
});

test('of many calls at once one makes the key and all answer it', async () => {
  const opened = await Promise.all(Array.from({ length: 8 }, () => openMasterKey(dataDir)));
  expect(opened.filter(({ created }) => created)).toHaveLength(1);
  expect(new Set(opened.map(({ key }) => key.toString('hex'))).size).toBe(1);
});

test.each(['', 'short', `${'A'.repeat(43)}=tail`, `${'A'.repeat(44)}`])(
  'a malformed file (%j) is refused and kept',
  async (text) => {
    const path = join(dataDir, 'master.key');
    await writeFile(path, text);
    await expect(openMasterKey(dataDir)).rejects.toMatchObject({ code: 'data_folder_unusable' });
    expect(await readFile(path, 'utf8')).toBe(text);
  },
);
