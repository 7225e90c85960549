import { setTimeout as sleep } from 'node:timers/promises';
import { limits } from '@turnledger/shared/contracts';
import { isPostmaster, readPidFile } from './postmaster.ts';

/**
 * Ends a server that was started or verified by us: a fast shutdown (SIGINT: transactions rolled back, a checkpoint written) for 10 s,
 * then an immediate one (SIGQUIT: the next start recovers from the log). Before each signal the process id is checked again to be a
 * postmaster of this cluster. Answers whether the server is gone; never throws.
 */
export async function stopPostmaster(pid: number, cluster: string): Promise<boolean> {
  const steps = [
    { signal: 'SIGINT', waitMs: limits.embedded.fastStopMs },
    { signal: 'SIGQUIT', waitMs: limits.embedded.immediateStopMs },
  ] as const;
  for (const { signal, waitMs } of steps) {
    if (!(await isRunning(pid, cluster))) return true;
    try {
      process.kill(pid, signal);
    } catch {
      // It ended between the look and the signal.
    }
    const deadline = AbortSignal.timeout(waitMs);
    while (!deadline.aborted) {
      if (!(await isRunning(pid, cluster))) return true;
      await sleep(limits.embedded.pollMs);
    }
  }
  return !(await isRunning(pid, cluster));
}

/** A server removes its pid file as its last act; where process ids cannot be checked that tells it from a reused number. */
async function isRunning(pid: number, cluster: string): Promise<boolean> {
  if (!(await isPostmaster(pid, cluster))) return false;
  return process.platform === 'linux' || (await readPidFile(cluster))?.pid === pid;
}
