import type { Clock } from '../../ports/index.ts';

/** Resolves when the work has ended, well or not, or the time is over; for work whose outcome nobody needs any more. */
export async function withinMs(work: Promise<unknown>, timeoutMs: number, clock: Clock): Promise<void> {
  const done = new AbortController();
  const ended = work.then(
    () => done.abort(),
    () => done.abort(),
  );
  await Promise.race([ended, clock.sleep(timeoutMs, done.signal)]);
}
