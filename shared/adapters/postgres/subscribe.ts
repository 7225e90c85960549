import type { Pool } from 'pg';
import { limits } from '../../contracts/index.ts';
import type { Clock, LogItem, RecordedEvent } from '../../ports/index.ts';
import { readPage } from './read-events.ts';
import type { RecentEvents } from './recent-events.ts';

/** What a subscription works with; `closed` is the log's own end. */
export interface SubscriptionSource {
  readonly pool: Pool;
  readonly recent: RecentEvents;
  readonly clock: Clock;
  readonly closed: AbortSignal;
}

/**
 * The events after a position in log order, then live ones, with `caught_up` each time nothing older is left (the first one is confirmed
 * by the database, later ones by what this process has heard). Pulls: nothing is buffered for a slow reader but its page of at most
 * limits.log.pageEvents. While the database is down it waits and tries again, with a pause that doubles from minReconnectMs to
 * maxReconnectMs, and goes on from its own position: nothing is skipped or repeated.
 */
export async function* subscribe(
  { pool, recent, clock, closed }: SubscriptionSource,
  { after, signal }: { readonly after: bigint; readonly signal: AbortSignal },
): AsyncGenerator<LogItem> {
  let position = after;
  let isBehind = true;
  let isConfirmed = false;
  let pauseMs: number = limits.log.minReconnectMs;
  const ended = AbortSignal.any([signal, closed]);
  while (!ended.aborted) {
    const { version } = recent.changes;
    let page: readonly RecordedEvent[] | undefined = recent.after(position, limits.log.pageEvents);
    if (page === undefined || (page.length === 0 && !isConfirmed)) {
      page = await readPage(pool, position).catch(() => undefined);
      if (page === undefined) {
        isConfirmed = false;
        await clock.sleep(pauseMs, ended);
        pauseMs = Math.min(2 * pauseMs, limits.log.maxReconnectMs);
        continue;
      }
      pauseMs = limits.log.minReconnectMs;
      recent.add(page);
    }
    for (const event of page) {
      if (ended.aborted) return;
      position = event.position;
      isBehind = true;
      yield { kind: 'event', event };
    }
    if (page.length > 0 || ended.aborted) continue;
    if (isBehind) {
      isBehind = false;
      isConfirmed = true;
      yield { kind: 'caught_up', position };
    } else {
      await recent.changes.changed(version, ended);
    }
  }
}
