import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { TurnledgerError } from '@turnledger/shared/contracts';
import { ARMED_VARIABLE, type ArmedFailpoint, armedText, diedAt, type Failpoint } from './failpoints.ts';

/** How a process under chaos died. */
export interface Death {
  readonly atMs: number;
  /** Absent for a kill from outside. */
  readonly failpoint: Failpoint | undefined;
  /** Its end was neither ours nor a failpoint's: what it wrote last. */
  readonly unexpected: string | undefined;
}

/** One life of the service. */
export interface EmbeddedProcess {
  /** Without a path, by address: a name would be looked up for each request. */
  readonly url: string;
  readonly died: Promise<Death>;
  /** SIGKILL to the Node process; its PostgreSQL lives on. */
  kill(): void;
  /** SIGTERM: drains, ends its PostgreSQL. */
  stop(): Promise<Death>;
}

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** From source where this file is source (a fresh clone under jest), built where it is built. */
const program = import.meta.url.endsWith('.ts')
  ? ['--conditions=turnledger-source', '--import', at('../checks/typescript-hooks.js'), at('./embedded-under-chaos.ts')]
  : [at('./embedded-under-chaos.js')];

/** Starts the service on a data folder, on any free port, asking the model at `modelUrl`. Throws `internal` when it ends before it serves. */
export async function startEmbeddedProcess(options: {
  readonly dataDir: string;
  readonly modelUrl: string;
  readonly armed?: ArmedFailpoint | undefined;
  /** Ends it by SIGKILL, whatever it is doing. */
  readonly signal: AbortSignal;
}): Promise<EmbeddedProcess> {
  const { dataDir, modelUrl, armed, signal } = options;
  if (signal.aborted) throw new TurnledgerError('internal', { detail: 'the run was given up' });
  const child = spawn(process.execPath, program, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      PORT: '0',
      LOG_LEVEL: 'error',
      OPENAI_BASE_URL: modelUrl,
      TURNLEDGER_MODEL: 'twin-1',
      TURNLEDGER_DATA_DIR: dataDir,
      ...(armed && { [ARMED_VARIABLE]: armedText(armed) }),
    },
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = `${stderr}${text}`.slice(-MAX_KEPT_CHARS);
  });
  let isOurs = false;
  const end = (name: NodeJS.Signals) => {
    isOurs = true;
    child.kill(name);
  };
  const giveUp = () => end('SIGKILL');
  signal.addEventListener('abort', giveUp, { once: true });
  const died = deathOf(child).then((atMs): Death => {
    signal.removeEventListener('abort', giveUp);
    const failpoint = diedAt(stderr);
    return { atMs, failpoint, unexpected: isOurs || failpoint ? undefined : stderr };
  });
  const [first] = await Promise.race([once(createInterface(child.stdout), 'line'), died.then(() => [undefined])]);
  if (first === undefined && diedAt(stderr) === undefined)
    throw new TurnledgerError('internal', { detail: `the service did not start: ${stderr}` });
  return {
    url: String(first ?? '').replace('localhost', '127.0.0.1'),
    died,
    kill: () => end('SIGKILL'),
    stop: () => {
      end('SIGTERM');
      return died;
    },
  };
}

const MAX_KEPT_CHARS = 16_384;

/** Resolves with the time of the exit; what it wrote is read to its end first. */
async function deathOf(child: ChildProcess): Promise<number> {
  const closed = once(child, 'close');
  await once(child, 'exit');
  const atMs = Date.now();
  await closed;
  return atMs;
}
