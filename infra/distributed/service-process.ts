import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { limits } from '@turnledger/shared/contracts';
import type { PlannedProcess } from './plan-processes.ts';

/** One of our processes, started. */
export interface ServiceProcess {
  readonly name: string;
  readonly service: string;
  readonly pid: number;
  readonly url: string;
  /** Resolves with `code 1` or `SIGKILL` when it is gone. Never rejects. */
  readonly ended: Promise<string>;
  signal(signal: NodeJS.Signals): void;
  /** SIGTERM, and its end; SIGKILL when it takes more than twice its time to drain. */
  stop(): Promise<void>;
}

/** The repository, also for a built program. */
export const repository = fileURLToPath(
  new URL(import.meta.url.endsWith('.js') ? '../../../' : '../../', import.meta.url),
);

/** Built: services are run from their dist folders, as in the image, also by a test that is not built itself. */
const endWithParent = fileURLToPath(new URL('infra/dist/distributed/end-with-parent.js', `file://${repository}`));

/**
 * Starts one of our processes with nothing of this one's environment but PATH and HOME. What it writes on standard error is told line by
 * line. It has a process group of its own, so that a Ctrl-C reaches it through us alone, and ends when we do, by SIGKILL too.
 */
export function startServiceProcess(planned: PlannedProcess, tell: (line: string) => void): ServiceProcess {
  const { name, service, port, nodeFlags, program, parameters, environment } = planned;
  const child = spawn(process.execPath, [...nodeFlags, '--import', endWithParent, program, ...parameters], {
    cwd: repository,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...environment },
    stdio: ['pipe', 'ignore', 'pipe'],
    detached: true,
  });
  child.stdin.on('error', () => undefined); // It ended first; `ended` says so.
  createInterface(child.stderr).on('line', tell);
  const ended = once(child, 'close').then(
    () => child.signalCode ?? `code ${child.exitCode}`,
    (error: unknown) => String(error),
  );
  return {
    name,
    service,
    pid: child.pid ?? 0,
    url: `http://127.0.0.1:${port}`,
    ended,
    signal: (signal) => void child.kill(signal),
    stop: () => stopChild(child, ended),
  };
}

async function stopChild(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  const forced = setTimeout(() => child.kill('SIGKILL'), 2 * limits.process.drainMs);
  child.kill('SIGTERM');
  await ended;
  clearTimeout(forced);
}

/** Waits until it says that every hop of it moves; false when it ended first, or the signal aborted. */
export async function isReady(
  { url, ended }: Pick<ServiceProcess, 'url' | 'ended'>,
  signal: AbortSignal,
): Promise<boolean> {
  let isGone = false;
  void ended.then(() => {
    isGone = true;
  });
  while (!isGone && !signal.aborted) {
    const answered = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(limits.edge.readyTimeoutMs) }).then(
      (response) => response.body?.cancel().then(() => response.ok),
      () => false,
    );
    if (answered) return true;
    await sleep(limits.distributed.readyCheckMs);
  }
  return false;
}
