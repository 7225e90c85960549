import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { limits, TurnledgerError } from '@turnledger/shared/contracts';
import { syncFolder } from './keep-secret-file.ts';
import { cannotRun, executable, type PostgresBinaries } from './postgres-binaries.ts';
import { DATABASE_USER } from './server-address.ts';
import { lastMeaningfulLine } from './server-log.ts';
import type { ServerUser } from './server-user.ts';

const NEW = '.new-';

/**
 * Makes the cluster when it is absent, in 0.5 s: UTF-8, code point order, checksums, no password on the socket (its folder is closed).
 * It is made beside its place and renamed, so a kill at any moment leaves no cluster or a whole one; leftovers of killed tries are
 * removed. Of processes that make it at once one wins and the others use its cluster.
 * Gives `data_folder_unusable` with the reason, or when the cluster was made by another major version.
 */
export async function initCluster(
  cluster: string,
  binaries: PostgresBinaries,
  user: ServerUser | undefined,
  password?: string,
): Promise<{ readonly created: boolean }> {
  const created = (await clusterVersion(cluster)) === undefined;
  if (created) {
    await refuseStrangeFolder(cluster);
    const fresh = `${cluster}${NEW}${randomBytes(6).toString('hex')}`;
    try {
      await mkdir(fresh, { mode: 0o700 });
      if (user !== undefined) await chown(fresh, user.uid, user.gid);
      await runInitdb(fresh, binaries, user, password);
      await rename(fresh, cluster);
      await syncFolder(dirname(cluster));
    } catch (error) {
      await rm(fresh, { recursive: true, force: true });
      // Another process was first, and perhaps swept our folder away.
      if ((await clusterVersion(cluster)) === undefined) throw asUnusable(cluster, error);
    }
  }
  await removeLeftovers(cluster);
  const version = await clusterVersion(cluster);
  if (version !== String(binaries.major)) {
    const detail = /^\d+$/.test(version ?? '')
      ? `${cluster} was made by PostgreSQL ${version}, and this is ${binaries.major}`
      : `${join(cluster, 'PG_VERSION')} does not name a version`;
    throw new TurnledgerError('data_folder_unusable', { detail });
  }
  return { created };
}

const clusterVersion = (cluster: string): Promise<string | undefined> =>
  readFile(join(cluster, 'PG_VERSION'), 'utf8').then(
    (text) => text.trim(),
    () => undefined,
  );

async function runInitdb(
  folder: string,
  binaries: PostgresBinaries,
  user: ServerUser | undefined,
  password: string | undefined,
): Promise<void> {
  const settings = ['-D', folder, '-U', DATABASE_USER, '--encoding=UTF8', '--locale=C', '--no-instructions'];
  settings.push('--locale-provider=builtin', '--builtin-locale=C.UTF-8');
  const passwordFile = `${folder}.password`;
  if (password === undefined) settings.push('--auth-local=trust', '--auth-host=reject');
  else {
    await writeFile(passwordFile, password, { mode: 0o600 });
    settings.push('--auth-local=scram-sha-256', '--auth-host=scram-sha-256', `--pwfile=${passwordFile}`);
  }
  try {
    await new Promise<void>((resolve, reject) => {
      const options = {
        cwd: binaries.folder,
        env: { LC_ALL: 'C', PATH: '/usr/bin:/bin' },
        timeout: limits.embedded.initTimeoutMs,
      };
      execFile(executable(binaries, 'initdb'), settings, { ...options, ...user }, (error, stdout, stderr) => {
        if (error === null) resolve();
        else if (typeof error.code === 'string')
          reject(cannotRun(`the packaged PostgreSQL does not run here (${error.code})`, error));
        else
          reject(
            new TurnledgerError('data_folder_unusable', { detail: `initdb: ${lastMeaningfulLine(stderr || stdout)}` }),
          );
      });
    });
  } finally {
    await rm(passwordFile, { force: true });
  }
}

async function removeLeftovers(cluster: string): Promise<void> {
  const prefix = `${basename(cluster)}${NEW}`;
  for (const name of await readdir(dirname(cluster))) {
    if (!name.startsWith(prefix)) continue;
    // An initdb that outlived its parent may still write there; the next start removes what is left.
    await rm(join(dirname(cluster), name), { recursive: true, force: true }).catch(() => undefined);
  }
}

/** An absent or empty place is free; anything else without a PG_VERSION is damage, or not ours, and is kept as it is. */
async function refuseStrangeFolder(cluster: string): Promise<void> {
  const refuse = (why: string, cause?: unknown): TurnledgerError =>
    new TurnledgerError('data_folder_unusable', { detail: `${cluster} ${why}`, cause });
  const names = await readdir(cluster).catch((error: unknown) => {
    const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : error;
    if (code === 'ENOENT') return [];
    throw refuse(code === 'ENOTDIR' ? 'is a file' : `cannot be read (${code})`, error);
  });
  // Between the two looks another process may have put its cluster there.
  if (names.length > 0 && (await clusterVersion(cluster)) === undefined) throw refuse('holds files but no PG_VERSION');
}

function asUnusable(cluster: string, error: unknown): unknown {
  if (typeof error !== 'object' || error === null || !('code' in error) || !('syscall' in error)) return error;
  return new TurnledgerError('data_folder_unusable', {
    detail: `${cluster}: ${error.syscall} gave ${error.code}`,
    cause: error,
  });
}
