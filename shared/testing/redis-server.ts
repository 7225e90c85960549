import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { TurnledgerError } from '../contracts/index.ts';

/** A Redis of a test's own, empty and kept in memory alone, that may be stopped and killed. */
export interface RedisServer {
  readonly url: string;
  /** SIGSTOP: it takes connections, as its system does that for it, and answers nothing. */
  freeze(): void;
  thaw(): void;
  kill(): Promise<void>;
  /** Starts it again, empty, at the same address. */
  restart(): Promise<void>;
}

const PATIENCE_MS = 5_000;
const LOOK_EVERY_MS = 5;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    const settle = (isThere: boolean) => () => {
      socket.destroy();
      resolve(isThere);
    };
    socket.once('data', settle(true)).once('error', settle(false));
  });

async function start(port: number, settings: readonly string[]): Promise<ChildProcess> {
  const fixed = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', '/tmp'];
  const child = spawn('redis-server', [...fixed, ...settings], { stdio: 'ignore' });
  const failed = once(child, 'error').then(([cause]) =>
    Promise.reject(new TurnledgerError('config_invalid', { detail: 'redis-server cannot be started', cause })),
  );
  failed.catch(() => {});
  for (let waitedMs = 0; waitedMs < PATIENCE_MS; waitedMs += LOOK_EVERY_MS) {
    if (await Promise.race([answers(port), failed])) return child;
    await sleep(LOOK_EVERY_MS);
  }
  child.kill('SIGKILL');
  throw new TurnledgerError('store_unavailable', { detail: 'redis-server does not answer' });
}

/** Starts `redis-server` (which must be installed) on a free loopback port; some 30 ms. `settings`: its own options. */
export async function startRedisServer(...settings: readonly string[]): Promise<RedisServer> {
  const port = await freePort();
  let child = await start(port, settings);
  return {
    url: `redis://127.0.0.1:${port}`,
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
    async restart() {
      child = await start(port, settings);
    },
  };
}

/** The server that TURNLEDGER_TEST_REDIS_URL names, which `npm run test:wire` starts. Throws `config_invalid` without it. */
export function testRedisUrl(): string {
  const url = process.env.TURNLEDGER_TEST_REDIS_URL;
  if (url === undefined)
    throw new TurnledgerError('config_invalid', { detail: 'TURNLEDGER_TEST_REDIS_URL is not set' });
  return url;
}
