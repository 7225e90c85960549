import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { limits, TurnledgerError } from '@turnledger/shared/contracts';
import { initCluster } from './init-cluster.ts';
import { CLUSTER_NAME, placeCluster } from './place-cluster.ts';
import { cannotRun, executable, findPostgresBinaries, type PostgresBinaries } from './postgres-binaries.ts';
import { findPostmaster, readPidFile, removeStalePidFile } from './postmaster.ts';
import { type RunningPostgres, runningPostgres } from './running-postgres.ts';
import { chooseAddress } from './server-address.ts';
import { lastLogLine, openServerLog } from './server-log.ts';
import { storedPassword } from './server-password.ts';
import { serverArguments } from './server-settings.ts';
import { chooseServerUser, type ServerUser } from './server-user.ts';
import { reachableBinaries } from './stage-binaries.ts';

export interface StartPostgresOptions {
  /** As `openDataFolder` answered it. */
  readonly dataDir: string;
  /** Instead of ours in server-settings.ts, where the server is for more than one process. */
  readonly settings?: { readonly [name: string]: string };
  readonly log: { info(facts: object, sentence: string): void; warn(facts: object, sentence: string): void };
}

/**
 * Starts the packaged PostgreSQL on `<dataDir>/postgres`, which the first start makes, or adopts the server that a killed instance left there.
 * The server outlives this process and its terminal: only `stop` ends it. Whether another live instance uses the folder is for
 * `holdInstanceLock` to say, and who is refused by it must leave the server alone.
 * Gives `data_folder_unusable` with the server's own last line, and `config_invalid` where the packaged PostgreSQL cannot run.
 */
export async function startPostgres({ dataDir, settings = {}, log }: StartPostgresOptions): Promise<RunningPostgres> {
  const user = await chooseServerUser(join(dataDir, CLUSTER_NAME));
  const cluster = await placeCluster(dataDir, user);
  const binaries = await reachableBinaries(await findPostgresBinaries(), user, dataDir);
  const password = process.platform === 'win32' ? await storedPassword(dataDir) : undefined;
  const { created } = await initCluster(cluster, binaries, user, password);
  if (created) log.info({ cluster, version: binaries.version }, 'made a new PostgreSQL cluster');
  if (!cluster.startsWith(await realpath(dataDir)))
    log.info({ cluster }, 'the database stands outside of the data folder');

  const deadline = AbortSignal.timeout(limits.embedded.startTimeoutMs);
  while (!deadline.aborted) {
    const found = await findPostmaster(cluster, password);
    if (found.state === 'ready') {
      return runningPostgres({ ...found, cluster, dataDir, binaries, log, child: undefined });
    }
    if (found.state === 'busy') await sleep(limits.embedded.pollMs);
    else {
      await removeStalePidFile(cluster);
      const connection = await chooseAddress(cluster, user, password);
      const child = await launch(dataDir, binaries, user, serverArguments(cluster, connection, settings));
      if (await isReady(child, cluster, deadline)) {
        return runningPostgres({ pid: child.pid ?? 0, connection, cluster, dataDir, binaries, log, child });
      }
      // Another process started it in the same moment: its server is the one to use.
      if ((await findPostmaster(cluster, password)).state === 'absent' && !deadline.aborted) {
        throw new TurnledgerError('data_folder_unusable', { detail: `${cluster}: ${await lastLogLine(dataDir)}` });
      }
    }
  }
  const seconds = limits.embedded.startTimeoutMs / 1_000;
  throw new TurnledgerError('data_folder_unusable', {
    detail: `${cluster}: PostgreSQL was not ready within ${seconds} s`,
  });
}

/** Its own session and process group: neither Ctrl-C nor a closed terminal reaches it, and our end does not end it. */
async function launch(
  dataDir: string,
  binaries: PostgresBinaries,
  user: ServerUser | undefined,
  parameters: readonly string[],
): Promise<ChildProcess> {
  const output = await openServerLog(dataDir);
  try {
    const child = spawn(executable(binaries, 'postgres'), parameters, {
      cwd: binaries.folder,
      env: { LC_ALL: 'C', PATH: '/usr/bin:/bin' },
      stdio: ['ignore', output.fd, output.fd],
      detached: true,
      windowsHide: true,
      ...user,
    });
    await once(child, 'spawn');
    child.unref();
    return child;
  } catch (error) {
    throw cannotRun('the packaged PostgreSQL could not be started', error);
  } finally {
    await output.close();
  }
}

/** False when it ended first. A server still recovering at the deadline is left to it: the next start finds it further on. */
async function isReady(child: ChildProcess, cluster: string, deadline: AbortSignal): Promise<boolean> {
  while (child.exitCode === null && child.signalCode === null && !deadline.aborted) {
    const file = await readPidFile(cluster);
    if (file?.pid === child.pid && file?.ready === true) return true;
    await sleep(limits.embedded.pollMs);
  }
  return false;
}
