import { setTimeout as sleep } from 'node:timers/promises';
import { limits } from '@turnledger/shared/contracts';
import { isPostmaster, readPidFile } from './postmaster.ts';

/**
 * Ends a server that was started or verified by us: a fast shutdown (SIGINT: transactions rolled back, a checkpoint written) for 10 s,
 * then an immediate one (SIGQUIT: the next start recovers from the log). `isRunning` is asked before each signal whether the process id
 * is still that server's. Answers whether the server is gone; never throws.
 */
export async function stopPostmaster(pid: number, isRunning: () => boolean | Promise<boolean>): Promise<boolean> {
  const steps = [
    { signal: 'SIGINT', waitMs: limits.embedded.fastStopMs },
    { signal: 'SIGQUIT', waitMs: limits.embedded.immediateStopMs },
  ] as const;
  for (const { signal, waitMs } of steps) {
    if (!(await isRunning())) return true;
    try {
      process.kill(pid, signal);
    } catch {
      // It ended between the look and the signal.
    }
    const deadline = AbortSignal.timeout(waitMs);
    while (!deadline.aborted) {
      if (!(await isRunning())) return true;
      await sleep(limits.embedded.pollMs);
    }
  }
  return !(await isRunning());
}

/**
 * How to ask it of a server that is not our child. A server removes its pid file as its last act; where process ids cannot be checked
 * that tells it from a reused number.
 */
export const runsOn = (pid: number, cluster: string) => async (): Promise<boolean> => {
  if (!(await isPostmaster(pid, cluster))) return false;
  return process.platform === 'linux' || (await readPidFile(cluster))?.pid === pid;
};
