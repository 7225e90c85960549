import { randomBytes } from 'node:crypto';
import { lstat, mkdir, readlink, realpath, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { TurnledgerError } from '@turnledger/shared/contracts';
import { mayEnter, type ServerUser } from './server-user.ts';
import { openSystemFolder } from './stage-binaries.ts';

/** The name of the cluster, or of the link to it, in the data folder. */
export const CLUSTER_NAME = 'postgres';

/** Root's data must not land in a temporary folder, so there is one candidate only. */
const CLUSTER_FOLDERS: readonly string[] = ['/var/lib/turnledger'];

/**
 * Answers the real path of the cluster of a data folder; it need not exist yet.
 * Where the server's user may not enter the data folder (root's home is closed) the cluster stands under /var/lib/turnledger and
 * `<dataDir>/postgres` is a link to it. The link is made first and its target's name is random: of two starting processes one makes
 * it and both follow it, and a data folder that was deleted and made anew never meets the rows of the old one.
 * Gives `data_folder_unusable`.
 */
export async function placeCluster(
  dataDir: string,
  user: ServerUser | undefined,
  systemFolders: readonly string[] = CLUSTER_FOLDERS,
): Promise<string> {
  const path = join(dataDir, CLUSTER_NAME);
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) {
    if (user === undefined || (await mayEnter(dataDir, user))) return join(await realpath(dataDir), CLUSTER_NAME);
    const target = join(await openSystemFolder(systemFolders), `cluster-${randomBytes(8).toString('hex')}`);
    await symlink(target, path).catch((error: unknown) => {
      if (typeof error !== 'object' || error === null || !('code' in error) || error.code !== 'EEXIST') throw error;
    });
  }
  const cluster = await followLink(path);
  if (user !== undefined && !(await mayEnter(dirname(cluster), user))) {
    const detail = `PostgreSQL's user ${user.uid} may not enter ${dirname(cluster)}; allow it (chmod o+x) or move the data folder`;
    throw new TurnledgerError('data_folder_unusable', { detail });
  }
  return cluster;
}

/** As realpath, but the last link may still lead nowhere: its target is made by the first start. */
async function followLink(path: string): Promise<string> {
  const target = await readlink(path).catch(() => undefined);
  if (target === undefined) return join(await realpath(dirname(path)), basename(path));
  await mkdir(dirname(target), { recursive: true, mode: 0o755 });
  return join(await realpath(dirname(target)), basename(target));
}
