import type { Clock } from '../../ports/index.ts';

/** What may be said now: true at the first call, and then at the first one after each period of so many milliseconds. */
export function oncePer(ms: number, clock: Pick<Clock, 'monotonicMs'>): () => boolean {
  let lastMs = Number.NEGATIVE_INFINITY;
  return () => {
    const nowMs = clock.monotonicMs();
    if (nowMs - lastMs < ms) return false;
    lastMs = nowMs;
    return true;
  };
}
