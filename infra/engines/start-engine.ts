import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { TurnledgerError } from '@turnledger/shared/contracts';
import { programArguments } from '../bench/processes/program.ts';
import type { Engine, EngineName, EngineOptions } from './engine.ts';

interface GuardLine {
  readonly url?: string;
  readonly pid?: number;
  readonly description?: string;
  readonly refusal?: string;
  readonly code?: string;
  readonly ended?: string;
}

/**
 * Starts an engine under a guard process, so that it ends when this process does, by `kill -9` too; only a kill of the guard itself leaves
 * it behind. A given folder and port bring an engine back where an earlier one was. Throws `engine_missing` with what to install, and
 * `engine_ended` with the server's last words.
 */
export async function startEngine(name: EngineName, { folder, port, secured }: EngineOptions = {}): Promise<Engine> {
  const flags = [
    ...(folder === undefined ? [] : ['--folder', folder]),
    ...(port === undefined ? [] : ['--port', String(port)]),
    ...(secured === undefined ? [] : ['--secured', JSON.stringify(secured)]),
  ];
  const guard = spawn(process.execPath, [...programArguments('engines/guard-engine'), name, ...flags], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, TMPDIR: process.env.TMPDIR },
    stdio: ['pipe', 'pipe', 'inherit'],
    // Its own process group: the Ctrl-C that ends us must leave it alive to clean up.
    detached: true,
  });
  const closed = once(guard, 'close');
  const said: GuardLine[] = [];
  const lines = createInterface(guard.stdout).on('line', (line) => said.push(JSON.parse(line)));
  guard.stdin.on('error', () => undefined); // It ended first; `closed` says so.
  await Promise.race([once(lines, 'line'), closed]);
  const { url, pid, description = name, refusal, code } = said[0] ?? {};
  if (url === undefined || pid === undefined) {
    await closed;
    // The guard's message has the title of its error before the detail.
    const detail = refusal?.replace(/^[^:]*: /, '') ?? `${name}: its guard ended`;
    throw new TurnledgerError(code === 'engine_missing' ? 'engine_missing' : 'engine_ended', { detail });
  }
  return {
    name,
    url,
    pid,
    description,
    ended: closed.then(() => said.at(-1)?.ended ?? 'stopped'),
    async stop() {
      guard.stdin.end();
      await closed;
    },
  };
}
