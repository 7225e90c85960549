import { limits } from '@turnledger/shared/contracts';
import type { Clock, EventLog, LogItem, RecordedEvent } from '@turnledger/shared/ports';
import type { Log } from '@turnledger/shared/runtime';
import { batches } from './batches.ts';

/** Where a projector stands, for health: a hop is stuck when it is behind and its position does not move. */
export interface ProjectorStatus {
  readonly name: string;
  readonly position: bigint;
  readonly isCaughtUp: boolean;
  /** Monotonic time of the last progress. */
  readonly movedAtMs: number;
}

export interface Projector {
  readonly name: string;
  /**
   * Pause after a batch of one that has caught up, milliseconds: what comes meanwhile is the next batch. An event after a pause waits for
   * nothing, one of a dense row at most this long.
   */
  readonly gatherMs?: number;
  /** The position after which to go on. */
  start(): Promise<bigint>;
  /**
   * Takes events in log order and makes durable what they changed; `position` is that of the last. Throws to have the batch again. The
   * signal aborts when the loop is to end: what could wait for ever must return then, with the batch done or not.
   */
  apply(events: readonly RecordedEvent[], position: bigint, signal: AbortSignal): Promise<void>;
  /** Told each time that nothing older is left. */
  onCaughtUp?(position: bigint): void;
}

export interface ProjectorPorts {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly logger: Log;
}

/**
 * The one loop of every projector: subscribe after the checkpoint, take what is there as a batch, apply, until the signal aborts; the batch
 * in hand is finished first. A batch that throws is logged and read again from the checkpoint after limits.projector.retryMs, for as long
 * as it takes: events are not skipped.
 */
export async function runProjector(
  { log, clock, logger }: ProjectorPorts,
  projector: Projector,
  signal: AbortSignal,
  report: (status: ProjectorStatus) => void = () => {},
): Promise<void> {
  const { name, gatherMs = 0 } = projector;
  let last: ProjectorStatus | undefined;
  while (!signal.aborted) {
    const subscription = new AbortController();
    const stop = () => subscription.abort();
    signal.addEventListener('abort', stop, { once: true });
    try {
      let position = await projector.start();
      let isCaughtUp = false;
      const items = log.subscribe({ after: position, signal: subscription.signal });
      for await (const batch of batches(items, limits.projector.maxBatchEvents)) {
        const events = batch.flatMap((item: LogItem) => (item.kind === 'event' ? [item.event] : []));
        position = events.at(-1)?.position ?? position;
        if (events.length > 0) await projector.apply(events, position, signal);
        const reached = batch.findLast((item) => item.kind === 'caught_up');
        if (reached) projector.onCaughtUp?.(position);
        isCaughtUp = reached !== undefined || (isCaughtUp && batch.length < limits.projector.maxBatchEvents);
        last = { name, position, isCaughtUp, movedAtMs: clock.monotonicMs() };
        report(last);
        if (signal.aborted) return;
        if (gatherMs > 0 && isCaughtUp && events.length > 0) await clock.sleep(gatherMs, signal);
      }
    } catch (cause) {
      logger.error({ projector: name, cause }, 'a batch failed and is read again');
      // It may have waited for an hour before this: it is behind since now.
      if (last?.isCaughtUp) {
        last = { ...last, isCaughtUp: false, movedAtMs: clock.monotonicMs() };
        report(last);
      }
      await clock.sleep(limits.projector.retryMs, signal);
    } finally {
      signal.removeEventListener('abort', stop);
      subscription.abort();
    }
  }
}
