import { limits } from '../../contracts/index.ts';
import type { Clock } from '../../ports/index.ts';
import type { Log } from '../log.ts';
import type { HopBoard } from './hop-board.ts';
import { oncePer } from './once-per.ts';

export interface LagPorts {
  readonly clock: Pick<Clock, 'monotonicMs' | 'sleep'>;
  readonly log: Pick<Log, 'warn'>;
  readonly board: Pick<HopBoard, 'add'>;
}

const { loopCheckMs, maxLoopLagMs, loopLagShownMs } = limits.process;

/**
 * Watches how late this process's own timers are, until the signal aborts: the hop `event-loop` is red from a lag over
 * limits.process.maxLoopLagMs until none has been for loopLagShownMs, and the log says so. The figures are those of `/metrics`
 * (`nodejs_eventloop_lag_*`).
 *
 * It does not end the process: a loop that stands still runs no watchdog, and one that runs it stands still no more. A process whose loop never
 * comes back answers no `/healthz`: that is for whoever started it to see.
 */
export async function watchLoopLag({ clock, log, board }: LagPorts, signal: AbortSignal): Promise<void> {
  const complain = oncePer(limits.process.waitingLogMs, clock);
  /** The worst of late: shown for as long as it is in the way, and a while after, since whoever asks seldom asks at the very moment. */
  let worst = { lagMs: 0, atMs: clock.monotonicMs() };
  const look = (nowMs: number) => (nowMs - worst.atMs <= loopLagShownMs ? Math.round(worst.lagMs) : 0);
  board.add('event-loop', () => {
    const lagMs = look(clock.monotonicMs());
    return { isReady: lagMs <= maxLoopLagMs, facts: { lagMs } };
  });
  while (!signal.aborted) {
    const askedMs = clock.monotonicMs();
    await clock.sleep(loopCheckMs, signal);
    if (signal.aborted) return;
    const atMs = clock.monotonicMs();
    const lagMs = Math.max(0, atMs - askedMs - loopCheckMs);
    if (lagMs >= look(atMs)) worst = { lagMs, atMs };
    if (lagMs > maxLoopLagMs && complain()) log.warn({ lagMs: Math.round(lagMs) }, 'the event loop stood still');
  }
}
