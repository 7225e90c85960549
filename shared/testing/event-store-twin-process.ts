import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { TurnledgerError } from '../contracts/index.ts';

const HOOKS = fileURLToPath(new URL('../../infra/checks/typescript-hooks.js', import.meta.url));
const TWIN = fileURLToPath(new URL('../../infra/twins/eventstore/main.ts', import.meta.url));

/** How the twin misbehaves; infra/twins/eventstore/event-store-fault.ts has all that can be said. */
export type TwinFault = { readonly kind: string; readonly [name: string]: string | number };

export interface EventStoreTwinProcessOptions {
  /** 0, the default, takes a free one; a twin that is started again takes the port of the killed one. */
  readonly port?: number;
  /** Keeps the events in a file there, so that the next twin on this folder has them. */
  readonly dataFolder?: string;
}

/** An event-store twin as a process of its own: it ends with `stop`, with `kill`, or with whoever started it. */
export interface EventStoreTwinProcess {
  readonly url: string;
  readonly port: number;
  setFault(fault: TwinFault): Promise<void>;
  heal(): Promise<void>;
  /** `kill -9`: what was not acknowledged may be lost, the rest is in the data folder. Resolves when the process is gone. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts the twin from its source, as a program: nothing in shared/ may import it. It lives until its standard input closes, which the system
 * sees to however the test run ends. Throws `store_unavailable` when it does not start.
 */
export const startEventStoreTwinProcess = async ({
  port = 0,
  dataFolder,
}: EventStoreTwinProcessOptions = {}): Promise<EventStoreTwinProcess> => {
  const data = dataFolder === undefined ? [] : ['--data', dataFolder];
  const flags = ['--conditions=turnledger-source', '--import', HOOKS, TWIN, '--with-parent', '--port', String(port)];
  const child = spawn(process.execPath, [...flags, ...data], { stdio: ['pipe', 'pipe', 'inherit'] });
  const url = await printedUrl(child);
  child.stdout.resume();
  const { hostname, port: portText } = new URL(url.replace('esdb:', 'http:'));

  const control = async (method: 'PUT' | 'DELETE', body?: string): Promise<void> => {
    const response = await fetch(`http://${hostname}:${portText}/twin/fault`, { method, ...(body && { body }) });
    if (!response.ok) throw new TurnledgerError('store_unavailable', { detail: await response.text() });
  };
  const end = async (how: () => void): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    how();
    await gone;
  };

  return {
    url,
    port: Number(portText),
    setFault: (fault) => control('PUT', JSON.stringify(fault)),
    heal: () => control('DELETE'),
    kill: () => end(() => child.kill('SIGKILL')),
    stop: () => end(() => child.stdin.end()),
  };
};

const printedUrl = async (child: ChildProcess & { readonly stdout: NodeJS.ReadableStream }): Promise<string> => {
  const ended = once(child, 'exit').then(([code]) => `ended with ${code}`);
  const printed = once(createInterface(child.stdout), 'line').then(([line]) => String(line));
  const line = await Promise.race([printed, ended]);
  const url = /esdb:\S+/.exec(line)?.[0];
  if (url === undefined) throw new TurnledgerError('store_unavailable', { detail: `the event-store twin ${line}` });
  return url;
};

/** The event store that a contract suite runs against: a real server where the environment names one, a twin otherwise. */
export const startEventStoreUnderTest = async (): Promise<{
  readonly url: string;
  /** Undefined for a real server, which has no switches. */
  readonly twin: EventStoreTwinProcess | undefined;
  stop(): Promise<void>;
}> => {
  const url = process.env.TURNLEDGER_TEST_EVENTSTORE_URL;
  if (url) return { url, twin: undefined, stop: () => Promise.resolve() };
  const twin = await startEventStoreTwinProcess();
  return { url: twin.url, twin, stop: twin.stop };
};
