import { limits, views } from '@turnledger/shared/contracts';
import type { Clock, EventLog, ViewStore } from '@turnledger/shared/ports';
import type { HopBoard } from '@turnledger/shared/runtime';

export interface WatchedViews {
  readonly log: Pick<EventLog, 'headPosition'>;
  readonly store: Pick<ViewStore, 'checkpoint'>;
  readonly clock: Clock;
  readonly board: HopBoard;
  readonly leaving: AbortSignal;
}

/**
 * Keeps a hop for the views that this process reads and others project: stuck once they are behind the log and stand still. Named and no
 * more: old answers are right answers, and a query that names a position never gets one. While a store does not answer, the hop stays as it
 * was; the store has one of its own. Ends with the process.
 */
export async function watchViews({ log, store, clock, board, leaving }: WatchedViews): Promise<void> {
  let position = 0n;
  let movedAtMs = clock.monotonicMs();
  let isReady = true;
  board.add('read-models', () => ({ isReady, isHint: true, facts: { position: String(position) } }));
  while (!leaving.aborted) {
    try {
      // Behind is what was in the log before the views were looked at.
      const head = await log.headPosition();
      const now = await store.checkpoint(views.turns);
      const nowMs = clock.monotonicMs();
      if (now !== position || now >= head) movedAtMs = nowMs;
      position = now;
      isReady = nowMs - movedAtMs <= limits.projector.stuckAfterMs;
    } catch {
      // See above.
    }
    await clock.sleep(limits.process.probeMs, leaving);
  }
}
