import { limits } from '../../contracts/index.ts';
import type { EventLog, StoredEvent } from '../../ports/index.ts';

/**
 * The events of a stream between two revisions, both inclusive, in as many reads as they take: a log answers at most
 * limits.log.maxReadEvents at once, which 900 turns with a few retries each pass. Throws `store_unavailable`.
 */
export async function* streamPages(
  log: EventLog,
  stream: string,
  fromRevision: number,
  throughRevision: number = Number.POSITIVE_INFINITY,
): AsyncGenerator<readonly StoredEvent[], void> {
  let next = fromRevision;
  while (next <= throughRevision) {
    const maxCount = Math.min(limits.log.maxReadEvents, throughRevision - next + 1);
    const page = await log.readStream(stream, { fromRevision: next, maxCount });
    yield page;
    if (page.length < maxCount) return;
    next += page.length;
  }
}
