import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TurnledgerError } from '@turnledger/shared/contracts';
import { CLUSTER_NAME } from '../../embedded/postgres/place-cluster.ts';
import { findPostmaster } from '../../embedded/postgres/postmaster.ts';
import { runsOn, stopPostmaster } from '../../embedded/postgres/stop-postmaster.ts';
import { endWithThisProcess } from './end-with-this-process.ts';
import { plainEnvironment, programArguments, startArguments } from './program.ts';

/** An embedded Turnledger as a user has it: an operating-system process with its own PostgreSQL. */
export interface ServiceProcess {
  readonly pid: number;
  /** With 127.0.0.1 for localhost, so that no call looks a name up. */
  readonly url: string;
  readonly dataDir: string;
  /** SIGTERM, and its end; SIGKILL after 20 s. The data stays. */
  stop(): Promise<void>;
}

export interface ServiceOptions {
  readonly dataDir: string;
  readonly env?: { readonly [name: string]: string };
  /** Put before the program's own arguments to Node. */
  readonly nodeArguments?: readonly string[];
}

const STOP_WITHIN_MS = 20_000;

/** A path for a data folder that does not exist yet: the service makes it, with the mode it needs. */
export const freshDataDir = (parent = tmpdir()): string =>
  join(parent, `turnledger-bench-${randomBytes(6).toString('hex')}`);

/** Starts `embedded/main` on a free port and waits for its greeting. Throws `invariant_broken` with what it wrote when it ends before. */
export async function startService({ dataDir, env = {}, nodeArguments = [] }: ServiceOptions): Promise<ServiceProcess> {
  const child = spawn(process.execPath, [...startArguments(), ...nodeArguments, ...programArguments('embedded/main')], {
    env: { ...plainEnvironment(), PORT: '0', TURNLEDGER_DATA_DIR: dataDir, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  const closed = once(child, 'close');
  const leftBehind = endWithThisProcess(() => child.kill('SIGTERM'));
  void closed.then(() => leftBehind.callOff());
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr = `${output.stderr}${text}`.slice(-4_096);
  });
  const address = new Promise<string>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output.stdout = `${output.stdout}${text}`.slice(-4_096);
      const port = /^Turnledger\s+http:\/\/localhost:(\d+)$/m.exec(output.stdout)?.[1];
      if (port !== undefined) resolve(`http://127.0.0.1:${port}`);
    });
  });
  const url = await Promise.race([address, closed]);
  if (typeof url !== 'string')
    throw new TurnledgerError('invariant_broken', { detail: `it did not start: ${output.stderr}` });
  return { pid: child.pid ?? 0, url, dataDir, stop: () => stopChild(child, closed) };
}

async function stopChild(child: ChildProcess, closed: Promise<unknown>): Promise<void> {
  const forced = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
  child.kill('SIGTERM');
  await closed;
  clearTimeout(forced);
}

/** Removes the data folder of a service that has ended, and a PostgreSQL that it left there (its process id verified). */
export async function removeData(dataDir: string): Promise<void> {
  const cluster = await realpath(join(dataDir, CLUSTER_NAME)).catch(() => undefined);
  const left = cluster === undefined ? undefined : await findPostmaster(cluster);
  if (cluster !== undefined && left?.state === 'ready') await stopPostmaster(left.pid, runsOn(left.pid, cluster));
  await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
}
