import { readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CLUSTER_NAME } from '../embedded/postgres/place-cluster.ts';
import { findPostmaster, isPostmaster, readPidFile } from '../embedded/postgres/postmaster.ts';
import type { PostgresConnection } from '../embedded/postgres/server-address.ts';

const POLL_MS = 5;

/** The PostgreSQL that runs on a data folder, proven to be that folder's; undefined when there is none. */
export async function runningPostgresOf(
  dataDir: string,
): Promise<{ readonly pid: number; readonly connection: PostgresConnection } | undefined> {
  const found = await findPostmaster(await realpath(join(dataDir, CLUSTER_NAME)));
  return found.state === 'ready' ? found : undefined;
}

/** Its children; none where the system does not tell (they end by themselves when their parent is gone). */
async function childrenOf(pid: number): Promise<readonly number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return text
    .split(' ')
    .map(Number)
    .filter((child) => child > 1);
}

/**
 * SIGKILL to the PostgreSQL of a data folder and every process of it, as a power cut or the kernel's memory killer would; resolves when it is
 * gone. `alongside` runs in the same instant, or at once when none runs there.
 */
export async function killPostgres(dataDir: string, alongside: () => void = () => {}): Promise<void> {
  const cluster = await realpath(join(dataDir, CLUSTER_NAME)).catch(() => undefined);
  const pid = cluster === undefined ? undefined : (await readPidFile(cluster))?.pid;
  if (cluster === undefined || pid === undefined || !(await isPostmaster(pid, cluster))) return alongside();
  const all = [pid, ...(await childrenOf(pid))];
  alongside();
  for (const one of all) {
    try {
      process.kill(one, 'SIGKILL');
    } catch {
      // It ended by itself when its parent did.
    }
  }
  while (await isPostmaster(pid, cluster)) await sleep(POLL_MS);
}
