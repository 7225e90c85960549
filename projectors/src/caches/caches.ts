import { isTurnledgerError, limits, parseStream } from '@turnledger/shared/contracts';
import type { EventLog, RecordedEvent } from '@turnledger/shared/ports';
import type { Ledger, Log } from '@turnledger/shared/runtime';
import type { Projector } from '../run-projector.ts';

export interface CachesPorts {
  readonly log: EventLog;
  /** Opened with the cache that the other processes read. */
  readonly ledger: Pick<Ledger, 'sessions'>;
  readonly logger: Log;
}

/** Whether a session has grown by limits.cache.eventsPerSnapshot with this event; short ones never have, and are read in one go. */
const isDue = ({ stream, revision }: RecordedEvent): boolean =>
  (revision + 1) % limits.cache.eventsPerSnapshot === 0 && parseStream(stream)?.kind === 'session';

/**
 * Keeps folded sessions warm for processes that have not seen them. It begins at the log's head, without a checkpoint: what it misses while it
 * is away costs those who read such a session a longer tail.
 */
export const caches = ({ log, ledger, logger }: CachesPorts): Projector => {
  let done: bigint | undefined;
  return {
    name: 'caches',
    gatherMs: limits.projector.gatherMs,
    async start() {
      done ??= await log.headPosition();
      return done;
    },
    async apply(events, position, signal) {
      for (const stream of new Set(events.filter(isDue).map((event) => event.stream))) {
        if (signal.aborted) return;
        await keepWarm(stream);
      }
      done = position;
    },
  };

  /** A session that this version cannot fold stays cold; the log of the read models names the event. */
  async function keepWarm(stream: string): Promise<void> {
    try {
      await ledger.sessions.keepWarm(stream);
    } catch (cause) {
      if (!isTurnledgerError(cause) || cause.code === 'store_unavailable') throw cause;
      logger.error({ code: cause.code, stream }, 'a session cannot be kept warm');
    }
  }
};
