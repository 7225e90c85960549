import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { limits, TurnledgerError } from '@turnledger/shared/contracts';
import type { EngineName } from './engine.ts';

export interface EngineProgram {
  readonly name: EngineName;
  readonly path: string;
  readonly parameters: readonly string[];
  readonly folder: string;
  /** What the server writes when it takes its first request. */
  readonly readyLine: RegExp;
}

/** A server as a child of this process. */
export interface EngineProcess {
  readonly pid: number;
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

/**
 * Starts a server and waits for the line that says it is ready. It is in a process group of its own: the Ctrl-C of a terminal reaches
 * whoever stops it, not the server. Throws `engine_ended` with its last lines when it ends first or is not ready within
 * limits.engines.startTimeoutMs; then nothing of it runs any more.
 */
export async function spawnEngine({
  name,
  path,
  parameters,
  folder,
  readyLine,
}: EngineProgram): Promise<EngineProcess> {
  const child = spawn(path, parameters, {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, LC_ALL: 'C', TZ: 'UTC' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const closed = once(child, 'close').catch(() => undefined);
  const said: string[] = [];
  const ready = new Promise<true>((resolve) => {
    for (const output of [child.stdout, child.stderr]) {
      createInterface(output).on('line', (line) => {
        said.push(line);
        if (said.length > limits.engines.keptLogLines) said.shift();
        if (readyLine.test(line)) resolve(true);
      });
    }
  });
  const ended = closed.then(() => {
    if (child.signalCode !== null) return `ended by ${child.signalCode}`;
    return said.slice(-3).join(' | ').slice(-1_000) || `ended with ${child.exitCode}`;
  });
  const late = AbortSignal.timeout(limits.engines.startTimeoutMs);
  const tooLate = new Promise<string>((resolve) =>
    late.addEventListener('abort', () => resolve(`not ready within ${limits.engines.startTimeoutMs / 1_000} s`), {
      once: true,
    }),
  );
  const first = await Promise.race([ready, ended, tooLate]);
  if (first !== true) {
    await stopChild(child, closed);
    throw new TurnledgerError('engine_ended', { detail: `${name}: ${first}` });
  }
  return { pid: child.pid ?? 0, ended, stop: () => stopChild(child, closed) };
}

async function stopChild(child: ChildProcess, closed: Promise<unknown>): Promise<void> {
  // A stopped (SIGSTOP) server would not hear the first; the second needs no hearing.
  const forced = setTimeout(() => child.kill('SIGKILL'), limits.engines.stopMs);
  child.kill('SIGTERM');
  await closed;
  clearTimeout(forced);
}
