import { lstat, mkdir, writeFile } from 'node:fs/promises';
import { isAbsolute, join, relative } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openDataFolder } from './data-folder.ts';
import { makeTestFolder, removeTestFolder } from './testing/test-folder.ts';

const isRoot = process.getuid?.() === 0;
let parent: string;

beforeEach(async () => {
  parent = await makeTestFolder();
});

afterEach(() => removeTestFolder(parent));

test('an absent folder is made for its owner alone (root lets the server pass, not look)', async () => {
  const folder = await openDataFolder(relative(process.cwd(), join(parent, 'a', 'b')));
  expect(isAbsolute(folder)).toBe(true);
  expect((await lstat(folder)).mode & 0o777).toBe(isRoot ? 0o711 : 0o700);
});

test('an existing folder keeps its mode', async () => {
  const folder = join(parent, 'there');
  await mkdir(folder, { mode: 0o750 });
  await openDataFolder(folder);
  expect((await lstat(folder)).mode & 0o777).toBe(0o750);
});

test.each([['file'], ['file', 'below']])('a file in the way is named (%s %s)', async (...names) => {
  await writeFile(join(parent, 'file'), '');
  await expect(openDataFolder(join(parent, ...names))).rejects.toMatchObject({
    code: 'data_folder_unusable',
    message: expect.stringContaining('there is a file in its place'),
  });
});

// Root may write anywhere, so the refusal cannot be seen as root.
(isRoot ? test.skip : test)('a folder that may not be written is refused (not as root)', async () => {
  const folder = join(parent, 'closed');
  await mkdir(folder, { mode: 0o500 });
  await expect(openDataFolder(folder)).rejects.toMatchObject({ code: 'data_folder_unusable' });
});
