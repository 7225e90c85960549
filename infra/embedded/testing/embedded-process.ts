import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CLUSTER_NAME } from '../postgres/place-cluster.ts';
import { findPostmaster } from '../postgres/postmaster.ts';
import { runsOn, stopPostmaster } from '../postgres/stop-postmaster.ts';
import { removeTestFolder, testFolderPath } from '../postgres/testing/test-folder.ts';

/** How a process ended: by itself with a code, or by a signal. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Turnledger in a process of its own, started as `npm start` does it but from source, so that a fresh clone needs no build. */
export interface EmbeddedProcess {
  readonly pid: number;
  readonly dataDir: string;
  /** The address it printed; empty when it ended before. */
  readonly url: string;
  /** From spawn to the printed address, milliseconds. */
  readonly startMs: number;
  stdout(): string;
  stderr(): string;
  /** Resolves once its standard error holds a text, or the process has ended. */
  told(text: string): Promise<unknown>;
  readonly ended: Promise<ProcessEnd>;
  signal(name: NodeJS.Signals): void;
  /** SIGTERM, and its end. */
  stop(): Promise<ProcessEnd>;
  /** SIGKILL, and its end: PostgreSQL is left behind. */
  kill9(): Promise<ProcessEnd>;
}

export interface EmbeddedOptions {
  /** Default: a new folder of its own. */
  readonly dataDir?: string;
  readonly port?: number;
  /** Added to PATH, HOME, PORT and TURNLEDGER_DATA_DIR; nothing else of this process's environment is passed on. */
  readonly env?: { readonly [name: string]: string };
}

const started: { readonly dataDir: string; readonly child: ChildProcess; readonly ended: Promise<ProcessEnd> }[] = [];
const folders = new Set<string>();

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const hooks = ['--conditions=turnledger-source', '--import', at('../../checks/typescript-hooks.js')];
const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

/** Starts a Turnledger and waits until it prints its address, or ends. `endEmbedded` in afterAll cleans up whatever a test left. */
export async function startEmbeddedProcess(options: EmbeddedOptions = {}): Promise<EmbeddedProcess> {
  const { dataDir = testFolderPath(), port = 0, env = {} } = options;
  folders.add(dataDir);
  const startedAtMs = performance.now();
  const child = spawn(process.execPath, [...hooks, at('../main.ts')], {
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      PORT: String(port),
      TURNLEDGER_DATA_DIR: dataDir,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  const ended = once(child, 'close').then(([code, signal]): ProcessEnd => ({ code, signal }));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  const greeted = new Promise<void>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output.stdout += text;
      if (/curl -s .*\n/.test(output.stdout)) resolve();
    });
  });
  started.push({ dataDir, child, ended });
  await Promise.race([greeted, ended]);
  const end = async (signal: NodeJS.Signals): Promise<ProcessEnd> => {
    if (!hasEnded(child)) child.kill(signal);
    return ended;
  };
  return {
    pid: child.pid ?? 0,
    dataDir,
    url: /^Turnledger\s+(\S+)$/m.exec(output.stdout)?.[1] ?? '',
    startMs: performance.now() - startedAtMs,
    stdout: () => output.stdout,
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
    stop: () => end('SIGTERM'),
    kill9: () => end('SIGKILL'),
  };
}

/** Signals the processes of a data folder, also one that is still starting. */
export function signalEmbedded(dataDir: string, signal: NodeJS.Signals): void {
  for (const one of started) if (one.dataDir === dataDir && !hasEnded(one.child)) one.child.kill(signal);
}

/** Ends every process that was started here, every PostgreSQL left in their folders (its process id verified), and the folders. */
export async function endEmbedded(): Promise<void> {
  for (const { child, ended } of started.splice(0)) {
    if (!hasEnded(child)) child.kill('SIGKILL');
    await ended;
  }
  for (const folder of folders) {
    const cluster = await realpath(join(folder, CLUSTER_NAME)).catch(() => undefined);
    const left = cluster === undefined ? undefined : await findPostmaster(cluster);
    if (cluster !== undefined && left?.state === 'ready') await stopPostmaster(left.pid, runsOn(left.pid, cluster));
    await removeTestFolder(folder);
  }
  folders.clear();
}
