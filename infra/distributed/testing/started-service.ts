import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ProcessName } from '@turnledger/shared/runtime';

/** How a process ended: by itself with a code, or by a signal. */
export interface ServiceEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** One of the four processes as `npm run start:…` starts it, but from source, so that a fresh clone needs no build. */
export interface StartedService {
  readonly pid: number;
  /** The address it printed; empty when it ended before. */
  readonly url: string;
  stderr(): string;
  /** Resolves once its standard error holds a text, or the process has ended. */
  told(text: string): Promise<unknown>;
  readonly ended: Promise<ServiceEnd>;
  signal(name: NodeJS.Signals): void;
  /** SIGTERM, and its end. */
  stop(): Promise<ServiceEnd>;
}

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const hooks = ['--conditions=turnledger-source', '--import', at('../../checks/typescript-hooks.js')];
const started: { readonly child: ChildProcess; readonly ended: Promise<ServiceEnd> }[] = [];
const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

/** Starts a service on a free port and waits until it prints its address, or ends. `endServices` cleans up whatever a test left. */
export async function startService(
  name: ProcessName,
  env: { readonly [name: string]: string },
  args: readonly string[] = [],
): Promise<StartedService> {
  const child = spawn(process.execPath, [...hooks, at(`../../../${name}/src/main.ts`), ...args], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  const ended = once(child, 'close').then(([code, signal]): ServiceEnd => ({ code, signal }));
  started.push({ child, ended });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  const greeted = new Promise<void>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output.stdout += text;
      if (output.stdout.includes('\n')) resolve();
    });
  });
  await Promise.race([greeted, ended]);
  return {
    pid: child.pid ?? 0,
    url: /(http:\S+)\n/.exec(output.stdout)?.[1] ?? '',
    stderr: () => output.stderr,
    told: (text) => {
      const heard = new Promise<void>((resolve) => {
        const look = () => {
          if (!output.stderr.includes(text)) return;
          child.stderr.off('data', look);
          resolve();
        };
        child.stderr.on('data', look);
        look();
      });
      return Promise.race([heard, ended]);
    },
    ended,
    signal: (name) => void child.kill(name),
    stop: () => {
      if (!hasEnded(child)) child.kill('SIGTERM');
      return ended;
    },
  };
}

/** Kills what is left of what was started here. */
export async function endServices(): Promise<void> {
  for (const { child, ended } of started.splice(0)) {
    if (!hasEnded(child)) child.kill('SIGKILL');
    await ended;
  }
}
