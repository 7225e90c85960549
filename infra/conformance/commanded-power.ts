import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { TurnledgerError } from '@turnledger/shared/contracts';
import type { ServerPower } from './server-under-test.ts';

const START_TIMEOUT_MS = 60_000;
const LOOK_MS = 250;
const PROBE_TIMEOUT_MS = 2_000;

const runCommand = async (command: string): Promise<void> => {
  const [code] = await once(spawn(command, { shell: true, stdio: ['ignore', 'ignore', 'inherit'] }), 'exit');
  if (code !== 0) throw new TurnledgerError('store_unavailable', { detail: `"${command}" ended with ${code}` });
};

const isLive = async (url: string): Promise<boolean> => {
  const address = url.replace(/^esdb(\+discover)?:/, /[?&]tls=false/.test(url) ? 'http:' : 'https:');
  const { origin } = new URL(address);
  return fetch(`${origin}/health/live`, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) }).then(
    ({ ok }) => ok,
    () => false,
  );
};

/** Ends and starts a real server by two shell commands of its operator. Throws `store_unavailable` when one fails, or it is not live in 60 s. */
export const commandedPower = (url: string, stopCommand: string, startCommand: string): ServerPower => ({
  stop: () => runCommand(stopCommand),
  async start() {
    await runCommand(startCommand);
    const startedAtMs = performance.now();
    while (!(await isLive(url))) {
      if (performance.now() - startedAtMs > START_TIMEOUT_MS)
        throw new TurnledgerError('store_unavailable', { detail: 'the server did not come back' });
      await delay(LOOK_MS);
    }
  },
});
