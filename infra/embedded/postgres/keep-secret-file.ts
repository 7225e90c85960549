import { randomBytes } from 'node:crypto';
import { link, open, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Reads a secret, or makes it once: written to a file beside it (mode 0600), synced, put in place only if nothing is there, and the folder synced.
 * A kill at any moment leaves no secret or a whole one; an existing one is never written over, so of several processes all answer the same.
 * Errors of the file system pass through.
 */
export async function keepSecretFile(
  path: string,
  make: () => string,
): Promise<{ readonly text: string; readonly created: boolean }> {
  const present = await readIfThere(path);
  if (present !== undefined) return { text: present, created: false };

  const fresh = `${path}.new-${randomBytes(6).toString('hex')}`;
  let created = true;
  try {
    const file = await open(fresh, 'wx', 0o600);
    try {
      await file.writeFile(make());
      await file.sync();
    } finally {
      await file.close();
    }
    // A rename would replace the file of a process that was faster; a link refuses.
    await link(fresh, path);
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
    created = false;
  } finally {
    await rm(fresh, { force: true });
  }
  if (created) await syncFolder(dirname(path));
  return { text: await readFile(path, 'utf8'), created };
}

/** Makes names in a folder survive a power loss. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return; // A folder cannot be opened there.
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}

const readIfThere = (path: string): Promise<string | undefined> =>
  readFile(path, 'utf8').catch((error: unknown) => {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  });

const isCode = (error: unknown, code: string): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === code;
