import type { ManualClock } from './manual-clock.ts';

/** Moves a clock on in small steps until a promise has settled, so that whatever waits for time on the way gets it. */
export async function advanceUntil<T>(clock: ManualClock, promise: Promise<T>, stepMs = 10): Promise<T> {
  let isSettled = false;
  const noted = promise.finally(() => {
    isSettled = true;
  });
  // The caller sees a rejection below; until then it is nobody's.
  noted.catch(() => {});
  while (!isSettled) {
    await new Promise<void>((resolve) => setImmediate(resolve));
    if (!isSettled) await clock.advanceBy(stepMs);
  }
  return noted;
}
