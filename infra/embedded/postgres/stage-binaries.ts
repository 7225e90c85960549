import { randomBytes } from 'node:crypto';
import { chmod, copyFile, lstat, mkdir, readdir, readlink, rename, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { TurnledgerError } from '@turnledger/shared/contracts';
import { linkLibraries, type PostgresBinaries } from './postgres-binaries.ts';
import { mayEnter, type ServerUser } from './server-user.ts';

/** Where root keeps what PostgreSQL's user must reach; the second is for hosts whose /var is read-only. */
const SYSTEM_FOLDERS: readonly string[] = ['/var/lib/turnledger', join(tmpdir(), 'turnledger-root')];

/**
 * Answers binaries that the server's user can run: the installed ones, or a copy of them (60 MB, made once) when they stand
 * where that user may not go, or when their library links are absent and cannot be made there.
 * A copy is put in place by one rename, so a kill leaves either all of it or none. Gives `data_folder_unusable`.
 */
export async function reachableBinaries(
  installed: PostgresBinaries,
  user: ServerUser | undefined,
  dataDir: string,
): Promise<PostgresBinaries> {
  const linked = await linkLibraries(installed);
  if (linked && (user === undefined || (await mayEnter(join(installed.folder, 'bin'), user)))) return installed;
  const parent = user === undefined ? dataDir : await openSystemFolder(SYSTEM_FOLDERS);
  return stageBinaries(installed, parent);
}

/**
 * Opens the first of these folders that is root's alone to write; root makes it (0755) when it is absent.
 * Somebody else may have made a folder of that name in a shared temporary folder to plant a server there: such a one is passed over.
 */
export async function openSystemFolder(candidates: readonly string[]): Promise<string> {
  for (const folder of candidates) {
    await mkdir(folder, { mode: 0o755 }).catch(() => undefined);
    if (await isRootsOwn(folder)) return folder;
  }
  const detail = `none of ${candidates.join(', ')} can be made and written by root alone`;
  throw new TurnledgerError('data_folder_unusable', { detail });
}

async function isRootsOwn(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  return (
    found?.isDirectory() === true && found.uid === 0 && (found.mode & 0o022) === 0 && (found.mode & 0o005) === 0o005
  );
}

/** Copies the binaries to `<parent>/postgres-<version>`, or takes the copy that is there when its sizes are right. */
export async function stageBinaries(installed: PostgresBinaries, parent: string): Promise<PostgresBinaries> {
  const staged = join(parent, `postgres-${installed.version}-${process.arch}`);
  const copy: PostgresBinaries = { ...installed, folder: join(staged, 'native') };
  if (!(await isWhole(installed.folder, copy.folder))) {
    const fresh = `${staged}.new-${randomBytes(4).toString('hex')}`;
    await mkdir(fresh, { mode: 0o755 });
    await copyTree(installed.folder, join(fresh, 'native'));
    await linkLibraries({ ...installed, folder: join(fresh, 'native') });
    // A copy cut short by a power loss is moved away, not written over: a server may still run from it.
    await rename(staged, `${fresh}.old`).catch(() => undefined);
    await rename(fresh, staged).catch(() => undefined); // Another process may have been first with the same copy.
    await rm(`${fresh}.old`, { recursive: true, force: true });
    await rm(fresh, { recursive: true, force: true });
  }
  return copy;
}

async function isWhole(source: string, copy: string): Promise<boolean> {
  if (process.getuid?.() === 0 && !(await isRootsOwn(dirname(copy)))) return false;
  for (const entry of await readdir(source, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const [wanted, found] = await Promise.all([
      lstat(path),
      lstat(join(copy, path.slice(source.length))).catch(() => undefined),
    ]);
    if (found?.size !== wanted.size) return false;
  }
  return true;
}

/** Everybody may read the copy, nobody but its owner write it, whatever umask npm ran under. */
async function copyTree(source: string, target: string): Promise<void> {
  await mkdir(target);
  await chmod(target, 0o755);
  for (const entry of await readdir(source, { withFileTypes: true })) {
    const [from, to] = [join(source, entry.name), join(target, entry.name)];
    if (entry.isDirectory()) await copyTree(from, to);
    else if (entry.isSymbolicLink()) await symlink(await readlink(from), to);
    else {
      await copyFile(from, to);
      await chmod(to, ((await lstat(from)).mode & 0o100) === 0 ? 0o644 : 0o755);
    }
  }
}
