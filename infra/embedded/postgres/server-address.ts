import { createHash } from 'node:crypto';
import { chmod, chown, lstat, mkdir, mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { limits } from '@turnledger/shared/contracts';
import type { ServerUser } from './server-user.ts';

/** What `pg` needs to reach the server; `host` is the socket's folder on POSIX. */
export interface PostgresConnection {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  readonly password?: string;
}

/** The superuser that initdb makes, and the database every cluster begins with. */
export const DATABASE_USER = 'turnledger';
const DATABASE = 'postgres';
/** Part of a socket's file name; nothing listens on TCP on POSIX. */
const SOCKET_PORT = 5432;
const LOOPBACK = '127.0.0.1';

export const connectionTo = (host: string, port: number, password?: string): PostgresConnection => ({
  host,
  port,
  user: DATABASE_USER,
  database: DATABASE,
  ...(password !== undefined && { password }),
});

/** The same as a URL that `pg` and psql take; a socket's folder is the encoded host. */
export function connectionUrl(connection: PostgresConnection): string {
  const { host, port, user, database, password } = connection;
  const account = password === undefined ? user : `${user}:${encodeURIComponent(password)}`;
  return `postgres://${account}@${encodeURIComponent(host)}:${port}/${database}`;
}

/** Where a new server of this cluster shall listen: a socket on POSIX, a free loopback port on Windows. */
export async function chooseAddress(
  cluster: string,
  user: ServerUser | undefined,
  password: string | undefined,
): Promise<PostgresConnection> {
  if (process.platform === 'win32') return connectionTo(LOOPBACK, await freePort(), password);
  return connectionTo(await openSocketFolder(cluster, user), SOCKET_PORT);
}

/**
 * The cluster itself holds the socket (its mode is 0700), unless its path is too long for one; then a folder of mode 0700 in the
 * temporary folder does, which only the server's user owns. When somebody planted one of that name, a random name is taken;
 * a later process learns the place from postmaster.pid, so it need not be guessed.
 */
export async function openSocketFolder(
  cluster: string,
  user: ServerUser | undefined,
  temporary = tmpdir(),
): Promise<string> {
  if (fits(cluster)) return cluster;
  const name = `turnledger-${createHash('sha256').update(cluster).digest('hex').slice(0, 16)}`;
  const parent = fits(join(temporary, name)) ? temporary : '/tmp';
  const owner = user?.uid ?? process.getuid?.();

  let folder = join(parent, name);
  const made = await mkdir(folder, { mode: 0o700 }).then(
    () => true,
    () => false,
  );
  if (!made) {
    const found = await lstat(folder);
    if (found.isDirectory() && found.uid === owner && (found.mode & 0o077) === 0) return folder;
    folder = await mkdtemp(join(parent, 'turnledger-'));
  }
  await chmod(folder, 0o700);
  if (user !== undefined) await chown(folder, user.uid, user.gid);
  return folder;
}

const fits = (folder: string): boolean =>
  Buffer.byteLength(join(folder, `.s.PGSQL.${SOCKET_PORT}`)) <= limits.embedded.maxSocketPathBytes;

/** Another process may take the port before the server does; the start then fails with PostgreSQL's own line. */
const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, LOOPBACK, () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
