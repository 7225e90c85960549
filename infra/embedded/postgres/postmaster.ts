import { readFile, readlink, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { limits } from '@turnledger/shared/contracts';
import pg from 'pg';
import { connectionTo, type PostgresConnection } from './server-address.ts';

/** What a look at a cluster finds: nobody, a server that is starting or ending, or one that answers. */
export type Postmaster =
  | { readonly state: 'absent' }
  | { readonly state: 'busy' }
  | { readonly state: 'ready'; readonly pid: number; readonly connection: PostgresConnection };

interface PidFile {
  readonly text: string;
  readonly pid: number;
  readonly host: string;
  readonly port: number;
  readonly ready: boolean;
}

/** Reads postmaster.pid (line 1 process id, 4 port, 5 socket folder, 6 address, 8 status); nothing when it is absent or half written. */
export async function readPidFile(cluster: string): Promise<PidFile | undefined> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  if (!Number.isSafeInteger(pid) || pid <= 1) return undefined;
  const host = lines[4]?.trim() || lines[5]?.trim() || '';
  return { text, pid, host, port: Number(lines[3]), ready: lines[7]?.trim() === 'ready' };
}

/**
 * Whether this process is a live postmaster of this cluster. On Linux its working folder proves it, since PostgreSQL changes into its
 * cluster before anything else and a reused process id does not; elsewhere that it lives is all one can see,
 * so there a signal is sent only after the server itself answered (see `findPostmaster`).
 */
export async function isPostmaster(pid: number, cluster: string): Promise<boolean> {
  if (process.platform === 'linux') return (await readlink(`/proc/${pid}/cwd`).catch(() => '')) === cluster;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return typeof error === 'object' && error !== null && 'code' in error && error.code === 'EPERM';
  }
}

/**
 * Looks for a running server of this cluster, as an instance killed with SIGKILL leaves one. It is `ready` only when the server
 * answers on the socket that its pid file names, says that its data folder is this cluster, and reads the same process id there.
 */
export async function findPostmaster(cluster: string, password?: string): Promise<Postmaster> {
  const file = await readPidFile(cluster);
  if (file === undefined) return { state: 'absent' };
  const alive = await isPostmaster(file.pid, cluster);
  if (file.host === '') return { state: alive ? 'busy' : 'absent' };
  const connection = connectionTo(file.host, file.port, password);
  const answer = await askServer(connection);
  if (answer === 'busy') return { state: 'busy' };
  if (answer === 'silent') return { state: alive ? 'busy' : 'absent' };
  const ours = (await realpath(answer.folder).catch(() => '')) === cluster && answer.pid === file.pid && alive;
  return ours ? { state: 'ready', pid: file.pid, connection } : { state: 'absent' };
}

/**
 * Removes a pid file whose process is alive but is somebody else's (a container starts again and the number is now our own npm):
 * PostgreSQL would refuse to start for ever. Only Linux can tell; PostgreSQL's own shared memory check stays as a second guard.
 */
export async function removeStalePidFile(cluster: string): Promise<void> {
  const file = await readPidFile(cluster);
  if (file === undefined || process.platform !== 'linux') return;
  const isUnreaped = await staysUnreaped(file.pid);
  const folder = await readlink(`/proc/${file.pid}/cwd`).catch(() => cluster); // Not ours to see: PostgreSQL decides.
  const unchanged = (await readPidFile(cluster))?.text === file.text;
  if (!unchanged || (folder === cluster && !isUnreaped)) return;
  await rm(join(cluster, 'postmaster.pid'), { force: true });
  if (isUnreaped && file.host.startsWith('/')) await rm(join(file.host, `.s.PGSQL.${file.port}.lock`), { force: true });
}

/**
 * Whether a process has ended but its number is still taken, which PostgreSQL holds for alive: for a moment after a kill, or for ever in a
 * container whose first process reaps no orphans. Waits out the moment.
 */
async function staysUnreaped(pid: number): Promise<boolean> {
  const deadline = AbortSignal.timeout(limits.embedded.reapWaitMs);
  // The state stands after the name, which is in parentheses.
  const isUnreaped = async () => /\) Z [^)]*$/.test(await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ''));
  while (!deadline.aborted) {
    if (!(await isUnreaped())) return false;
    await sleep(limits.embedded.pollMs);
  }
  return isUnreaped();
}

async function askServer(connection: PostgresConnection): Promise<'silent' | 'busy' | { folder: string; pid: number }> {
  const client = new pg.Client({ ...connection, connectionTimeoutMillis: limits.embedded.connectTimeoutMs });
  client.on('error', () => undefined); // The server may leave at any moment; the query says so as well.
  try {
    await client.connect();
    const sql = `SELECT current_setting('data_directory') AS folder, split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::int AS pid`;
    const { rows } = await client.query<{ folder: string; pid: number }>(sql);
    return rows[0] ?? 'silent';
  } catch (error) {
    // An error of the server's own (starting up, shutting down, no slot free) has a five-letter code.
    const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
    return /^[0-9A-Z]{5}$/.test(code) && !code.startsWith('E') ? 'busy' : 'silent';
  } finally {
    await client.end().catch(() => undefined);
  }
}
