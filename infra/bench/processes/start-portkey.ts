import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TurnledgerError } from '@turnledger/shared/contracts';
import { endWithThisProcess } from './end-with-this-process.ts';
import { benchFolder, plainEnvironment } from './program.ts';

/** The gateway that is measured beside us; it stores nothing. */
export interface PortkeyProcess {
  readonly pid: number;
  readonly url: string;
  stop(): Promise<void>;
}

const READY_WITHIN_MS = 20_000;
const folder = join(benchFolder, 'portkey');
const program = join(folder, 'node_modules/@portkey-ai/gateway/build/start-server.js');

const broken = (detail: string) => new TurnledgerError('invariant_broken', { detail: `Portkey: ${detail}` });

/** From its own lock file, into its own folder: nothing of it is in the product's. */
async function installOnce(): Promise<void> {
  if (existsSync(program)) return;
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const install = spawn(npm, ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder, stdio: 'inherit' });
  const [code] = await once(install, 'exit');
  if (code !== 0) throw broken(`npm ci ended with ${code}`);
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Starts it as its documentation does, installed first where it is not. Throws `invariant_broken`. */
export async function startPortkey(): Promise<PortkeyProcess> {
  await installOnce();
  const port = await freePort();
  const child = spawn(process.execPath, [program, '--headless', `--port=${port}`], {
    env: { ...plainEnvironment(), NODE_ENV: 'production' },
    stdio: 'ignore',
  });
  const closed = once(child, 'close');
  const leftBehind = endWithThisProcess(() => child.kill('SIGKILL'));
  void closed.then(() => leftBehind.callOff());
  const url = `http://127.0.0.1:${port}`;
  const deadline = AbortSignal.timeout(READY_WITHIN_MS);
  while (
    !(await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    ))
  ) {
    if (deadline.aborted || child.exitCode !== null) {
      child.kill('SIGKILL');
      throw broken('it did not start');
    }
    await sleep(50);
  }
  return {
    pid: child.pid ?? 0,
    url,
    async stop() {
      child.kill('SIGKILL'); // It keeps nothing that a drain could save.
      await closed;
    },
  };
}
