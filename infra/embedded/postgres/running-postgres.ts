import { type ChildProcess, execFile } from 'node:child_process';
import { once } from 'node:events';
import { rmdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { limits } from '@turnledger/shared/contracts';
import { executable, type PostgresBinaries } from './postgres-binaries.ts';
import { isPostmaster } from './postmaster.ts';
import type { PostgresConnection } from './server-address.ts';
import { boundServerLog, lastLogLine } from './server-log.ts';
import { runsOn, stopPostmaster } from './stop-postmaster.ts';

/** How a server ended; `detail` is the last meaningful line of its log when nobody asked it to. */
export interface PostgresExit {
  readonly expected: boolean;
  readonly detail: string;
}

export interface RunningPostgres {
  readonly connection: PostgresConnection;
  readonly pid: number;
  /** Left by a killed instance and taken over, not started by us. */
  readonly adopted: boolean;
  /** Ends the server, also an adopted one, within 16 s; may be called again. Never throws: what would not end is logged. */
  stop(): Promise<void>;
  /** Resolves when the server is gone; never rejects. Waiting for it keeps no process alive. */
  readonly exited: Promise<PostgresExit>;
}

interface Parts {
  readonly pid: number;
  readonly connection: PostgresConnection;
  readonly cluster: string;
  readonly dataDir: string;
  readonly binaries: PostgresBinaries;
  readonly log: { warn(facts: object, sentence: string): void };
  /** Absent for an adopted server. */
  readonly child: ChildProcess | undefined;
}

export function runningPostgres(parts: Parts): RunningPostgres {
  const { pid, connection, cluster, dataDir, child, log } = parts;
  let stopping: Promise<void> | undefined;
  const unbind = boundServerLog(dataDir);
  // The number of a child that was not reaped cannot be another's, even when the folder was moved or deleted under it.
  const isRunning = child === undefined ? runsOn(pid, cluster) : () => isAlive(child);

  const exited = (async (): Promise<PostgresExit> => {
    if (child !== undefined) await childExit(child);
    else
      while (await isPostmaster(pid, cluster)) await sleep(limits.embedded.adoptedCheckMs, undefined, { ref: false });
    unbind();
    const expected = stopping !== undefined;
    return { expected, detail: expected ? 'stopped' : await lastLogLine(dataDir) };
  })();

  const stop = async (): Promise<void> => {
    if (process.platform === 'win32') await stopWithControl(parts);
    else if (!(await stopPostmaster(pid, isRunning))) log.warn({ pid }, 'PostgreSQL did not end when it was told to');
    else if (child !== undefined) {
      child.ref(); // Until it is reaped nothing else may keep the loop alive, and node would end in the middle of this wait.
      await childExit(child);
    }
    unbind();
    // Its own folder for the socket (see openSocketFolder); any other place is not empty, and stays.
    if (connection.host.startsWith('/') && connection.host !== cluster)
      await rmdir(connection.host).catch(() => undefined);
  };
  return {
    connection,
    pid,
    adopted: child === undefined,
    exited,
    stop: () => {
      stopping ??= stop();
      return stopping;
    },
  };
}

const isAlive = (child: ChildProcess): boolean => child.exitCode === null && child.signalCode === null;

async function childExit(child: ChildProcess): Promise<void> {
  if (isAlive(child)) await once(child, 'exit');
}

/** Windows has no signals: PostgreSQL's own control program asks for the fast shutdown through a named pipe. */
async function stopWithControl({ binaries, cluster, log, pid }: Parts): Promise<void> {
  const settings = ['stop', '-D', cluster, '-m', 'fast', '-t', String(limits.embedded.fastStopMs / 1_000)];
  await new Promise<void>((resolve) => {
    execFile(executable(binaries, 'pg_ctl'), settings, { cwd: binaries.folder }, (error) => {
      if (error !== null) log.warn({ pid, cause: error }, 'PostgreSQL did not end when it was told to');
      resolve();
    });
  });
}
