import { limits } from '@turnledger/shared/contracts';
import type { Clock } from '@turnledger/shared/ports';

/**
 * Waits for work, and limits.worker.lastEndingMs after the deadline no longer: an ending that the log never takes must not keep the process, and
 * whoever starts next takes the turn over. Throws what the work throws until then.
 */
export const untilGivenUp = (clock: Clock, work: Promise<void>, deadline: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const done = new AbortController();
    const giveUp = () => void clock.sleep(limits.worker.lastEndingMs, done.signal).then(resolve);
    deadline.addEventListener('abort', giveUp, { once: true });
    if (deadline.aborted) giveUp();
    void work.then(resolve, reject).finally(() => {
      deadline.removeEventListener('abort', giveUp);
      done.abort('done');
    });
  });
