import { limits, Standstill } from '@turnledger/shared/contracts';
import type { Clock, EventLog } from '@turnledger/shared/ports';
import type { HopBoard, Log } from '@turnledger/shared/runtime';
import type { ProjectorStatus } from './run-projector.ts';

/** Why a process should end itself: a loop of it has stopped without an error, or meets the same one for ever. */
export interface StalledLoop {
  readonly loop: string;
  /** Up to where it has done its work, and up to where there is some. */
  readonly position: string;
  readonly head: string;
  readonly stillMs: number;
}

export interface WatchPorts {
  readonly log: Pick<EventLog, 'headPosition'>;
  readonly clock: Clock;
  readonly board: HopBoard;
  readonly logger: Log;
  /** Told once. */
  readonly onStalled: (stalled: StalledLoop) => void;
}

const { watchIntervalMs, stalledAfterMs } = limits.projector;

/**
 * Holds a loop's place against the head of the log every limits.projector.watchIntervalMs, until the signal aborts; answers where the loop is
 * to report, which goes on to the board. A loop that is behind and has not moved from one look to the next is shown as stuck, also where it
 * waits inside a batch and reports nothing; after stalledAfterMs of that `onStalled` is told: only a new process is known to help. Time counts
 * only while every store of the board answers, so that one that is away is waited for, however long.
 */
export function watchLoop(ports: WatchPorts, loop: string, signal: AbortSignal): (status: ProjectorStatus) => void {
  let last: ProjectorStatus | undefined;
  void watch(ports, loop, () => last, signal);
  return (status) => {
    last = status;
    ports.board.report(status);
  };
}

async function watch(
  { log, clock, board, logger, onStalled }: WatchPorts,
  loop: string,
  status: () => ProjectorStatus | undefined,
  signal: AbortSignal,
): Promise<void> {
  const standstill = new Standstill(2 * watchIntervalMs);
  let isStill = false;
  for (;;) {
    await clock.sleep(watchIntervalMs, signal);
    const head = await log.headPosition().catch(() => undefined);
    if (signal.aborted) return;
    // Read after the head: what is done by now was in the log by then.
    const last = status();
    const position = last?.position ?? 0n;
    const isBehind = head !== undefined && head > position && board.storesAnswer();
    const stillMs = standstill.look({ nowMs: clock.monotonicMs(), isBehind, place: position });
    const stalled = { loop, position: String(position), head: String(head), stillMs };
    if (stillMs > 0 && !isStill) logger.warn(stalled, 'a loop stands still behind the log');
    isStill = stillMs > 0;
    // It believes to be caught up, and does not come to say otherwise.
    if (isStill && last?.isCaughtUp) board.report({ ...last, isCaughtUp: false });
    if (stillMs < stalledAfterMs) continue;
    return onStalled(stalled);
  }
}
