import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { TurnledgerError } from '@turnledger/shared/contracts';
import { CLUSTER_NAME } from '../../embedded/postgres/place-cluster.ts';
import { readPidFile } from '../../embedded/postgres/postmaster.ts';

/** The process id of the PostgreSQL that runs on a data folder. Throws `invariant_broken` when none does. */
export async function postmasterPid(dataDir: string): Promise<number> {
  const file = await readPidFile(await realpath(join(dataDir, CLUSTER_NAME)));
  if (file === undefined) throw new TurnledgerError('invariant_broken', { detail: `no PostgreSQL runs on ${dataDir}` });
  return file.pid;
}
