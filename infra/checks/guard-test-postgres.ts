import { chmod, mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDataFolder } from '../embedded/postgres/data-folder.ts';
import { CLUSTER_NAME } from '../embedded/postgres/place-cluster.ts';
import { findPostmaster } from '../embedded/postgres/postmaster.ts';
import { connectionUrl } from '../embedded/postgres/server-address.ts';
import { startPostgres } from '../embedded/postgres/start-postgres.ts';
import { runsOn, stopPostmaster } from '../embedded/postgres/stop-postmaster.ts';

/**
 * One PostgreSQL for one jest run, in a process of its own. It prints `{url, folder}` when the server is ready and lives until its standard
 * input closes, which the system sees to however jest ends, SIGKILL included; then the server ends and the folder goes.
 * Servers that a killed test left in the folder end with it.
 */
const folder = await mkdtemp(join(await realpath(tmpdir()), 'turnledger-test-'));
await chmod(folder, 0o711); // As root the server is another user, who must pass.
// Nobody may read what we print any more: that must not keep us from cleaning up.
process.stdout.on('error', () => undefined);
const jestEnded = new Promise<void>((resolve) => {
  process.stdin.once('close', resolve).once('end', resolve).once('error', resolve).resume();
});
try {
  const dataDir = await openDataFolder(join(folder, 'jest'));
  const postgres = await startPostgres({ dataDir, log: { info: () => undefined, warn: () => undefined } });
  process.stdout.write(`${JSON.stringify({ url: connectionUrl(postgres.connection), folder })}\n`);
  await jestEnded;
  await postgres.stop();
} finally {
  for (const name of await readdir(folder)) {
    const cluster = join(folder, name, CLUSTER_NAME);
    const left = await findPostmaster(cluster);
    if (left.state === 'ready') await stopPostmaster(left.pid, runsOn(left.pid, cluster));
  }
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}
