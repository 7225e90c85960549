import type { Clock } from '../../ports/index.ts';

/** What one timer of Node can hold: 2^31 - 1 ms, 24.8 days; a longer one would fire at once. */
const MAX_TIMER_MS = 2_147_483_647;

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const wake = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', wake);
      resolve();
    };
    const timer = setTimeout(wake, Math.min(ms, MAX_TIMER_MS));
    signal?.addEventListener('abort', wake);
  });
}

/**
 * The machine's own time. A sleep holds the process open until it ends or its signal aborts, leaves no listener behind and is at most
 * 24.8 days long.
 */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep,
};
