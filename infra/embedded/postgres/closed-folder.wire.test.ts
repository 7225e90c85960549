import { chmod, lstat, mkdir, readdir, readlink, rm, rmdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openDataFolder } from './data-folder.ts';
import { placeCluster } from './place-cluster.ts';
import { executable, findPostgresBinaries } from './postgres-binaries.ts';
import { openSocketFolder } from './server-address.ts';
import { mayEnter } from './server-user.ts';
import { openSystemFolder, reachableBinaries, stageBinaries } from './stage-binaries.ts';
import { startPostgres } from './start-postgres.ts';
import { makeTestFolder, quietLog, removeTestFolder } from './testing/test-folder.ts';

// Only root starts a server as another user, may give folders away and can tell a planted one.
const asRoot = process.getuid?.() === 0 ? test : test.skip;
const STRANGER = { uid: 65_534, gid: 65_534 };
let folder: string;
let closed: string;

beforeEach(async () => {
  folder = await makeTestFolder();
  closed = join(folder, 'closed');
  await mkdir(closed, { mode: 0o700 });
});

afterEach(() => removeTestFolder(folder));

asRoot(
  'a data folder in a closed place: the cluster stands elsewhere, a link leads to it, and the data stay (root only)',
  async () => {
    const dataDir = await openDataFolder(join(closed, 'data'));
    await (await startPostgres({ dataDir, log: quietLog })).stop();
    const target = await readlink(join(dataDir, 'postgres'));
    try {
      const again = await startPostgres({ dataDir, log: quietLog });
      await again.stop();
      expect(await readlink(join(dataDir, 'postgres'))).toBe(target);
      expect((await lstat(target)).uid).not.toBe(0);
    } finally {
      await rm(target, { recursive: true, force: true });
      await rmdir(dirname(target)).catch(() => undefined); // Stays when another data folder has its cluster there.
    }
  },
);

asRoot('a deleted data folder does not meet its old cluster again (root only)', async () => {
  const system = [join(folder, 'system')];
  const first = await placeCluster(closed, STRANGER, system);
  await rm(join(closed, 'postgres'));
  expect(await placeCluster(closed, STRANGER, system)).not.toBe(first);
});

asRoot('of processes that place a cluster at once all get the same place (root only)', async () => {
  const system = [join(folder, 'system')];
  const places = await Promise.all(Array.from({ length: 5 }, () => placeCluster(closed, STRANGER, system)));
  expect(new Set(places).size).toBe(1);
});

asRoot('a folder that another user made or may write is not taken for root’s own (root only)', async () => {
  const planted = join(folder, 'planted');
  await mkdir(planted);
  await chmod(planted, 0o777);
  const linked = join(folder, 'linked');
  await symlink(folder, linked);
  const good = join(folder, 'good');
  expect(await openSystemFolder([planted, linked, good])).toBe(good);
  await expect(openSystemFolder([planted, linked])).rejects.toMatchObject({ code: 'data_folder_unusable' });
});

asRoot('a planted socket folder is passed over for one of a random name (root only)', async () => {
  const cluster = `/${'long/'.repeat(30)}`;
  const usual = await openSocketFolder(cluster, STRANGER, folder);
  expect(await lstat(usual)).toMatchObject({ uid: STRANGER.uid });
  expect(await openSocketFolder(cluster, STRANGER, folder)).toBe(usual);
  await chmod(usual, 0o777);
  const other = await openSocketFolder(cluster, STRANGER, folder);
  expect(other).not.toBe(usual);
  expect((await lstat(other)).mode & 0o777).toBe(0o700);
});

asRoot(
  'binaries are copied once when the user may not reach them, and again when the copy is not whole (root only)',
  async () => {
    const installed = await findPostgresBinaries();
    const staged = await stageBinaries(installed, folder);
    expect(await mayEnter(join(staged.folder, 'bin'), STRANGER)).toBe(true);
    const made = (await lstat(executable(staged, 'postgres'))).ino;
    await stageBinaries(installed, folder);
    expect((await lstat(executable(staged, 'postgres'))).ino).toBe(made);

    await writeFile(executable(staged, 'postgres'), '');
    await stageBinaries(installed, folder);
    expect((await lstat(executable(staged, 'postgres'))).size).toBeGreaterThan(1_000_000);
    expect((await readdir(folder)).filter((name) => name.includes('.new-'))).toEqual([]);
  },
);

asRoot('binaries that the user can reach are not copied (root only)', async () => {
  const installed = await findPostgresBinaries();
  const reachable = (await mayEnter(join(installed.folder, 'bin'), STRANGER)) ? installed.folder : expect.any(String);
  expect((await reachableBinaries(installed, STRANGER, folder)).folder).toEqual(reachable);
});

test('a platform without binaries is told what to set', async () => {
  await expect(findPostgresBinaries('plan9', 'mips')).rejects.toMatchObject({
    code: 'config_invalid',
    message: expect.stringMatching(/plan9-mips.*TURNLEDGER_DATABASE=external and DATABASE_URL/),
  });
});
