import { limits } from '@turnledger/shared/contracts';
import type { Clock, TurnQueue, ViewStore, WorkerBeat, WorkerLiveness } from '@turnledger/shared/ports';
import type { Log } from '@turnledger/shared/runtime';
import { isDoneBefore } from './is-done-before.ts';
import { enqueueOpenTurns } from './relay.ts';

export interface RequeuePorts {
  readonly store: ViewStore;
  readonly queue: TurnQueue;
  readonly liveness: WorkerLiveness;
  readonly clock: Clock;
  readonly logger: Log;
}

/**
 * Enqueues every open turn again when it begins, and whenever a worker has gone; run beside the relay by the process that leads it.
 *
 * A queue forgets a message once its handler has answered, and a handler answers early when its process is told to end, or meets what it
 * cannot handle; a topic may also have been lost. The stream decides what becomes of each: a turn that runs is held, one that has ended is
 * dropped at a look, so a message too many costs two reads (some 2 ms) and one too few a turn. Looks every limits.liveness.lookMs; a worker
 * has gone when it said so, or when its beat has not moved for a lease. What fails is tried again at the next look.
 */
export async function requeueLostTurns(ports: RequeuePorts, signal: AbortSignal): Promise<void> {
  const { store, queue, liveness, clock, logger } = ports;
  const watch = watchForGone(clock);
  let isOwed = true;
  while (!signal.aborted) {
    try {
      if (watch(await liveness.beats())) isOwed = true;
      if (isOwed) {
        // A broker that is away is waited for by the queue, and not by a process that ends or has lost the lead.
        const enqueueing = enqueueOpenTurns(store, queue);
        if (await isDoneBefore(enqueueing, signal)) {
          isOwed = false;
          logger.info({ count: await enqueueing }, 'open turns were enqueued again');
        }
      }
    } catch (cause) {
      logger.warn({ cause }, 'open turns could not be enqueued again yet');
    }
    await clock.sleep(limits.liveness.lookMs, signal);
  }
}

/** True for a look in which a worker has gone that was there, or not known, before. Those that had ended by the first look are old news. */
function watchForGone(clock: Clock): (beats: ReadonlyMap<string, WorkerBeat>) => boolean {
  const living = new Map<string, { readonly beat: string; readonly sinceMs: number }>();
  const gone = new Set<string>();
  let isFirst = true;
  return (beats) => {
    const nowMs = clock.monotonicMs();
    let isNews = false;
    for (const known of [...living.keys(), ...gone]) {
      if (beats.has(known)) continue;
      living.delete(known);
      gone.delete(known);
    }
    for (const [worker, { beat, hasEnded }] of beats) {
      const seen = living.get(worker);
      if (!seen || seen.beat !== beat) {
        // A worker that had been given up and beats again is watched again.
        if (!hasEnded) gone.delete(worker);
        living.set(worker, { beat, sinceMs: nowMs });
      }
      const isGone = hasEnded || (seen?.beat === beat && nowMs - seen.sinceMs >= limits.worker.leaseMs);
      if (!isGone || gone.has(worker)) continue;
      gone.add(worker);
      if (!(isFirst && hasEnded)) isNews = true;
    }
    isFirst = false;
    return isNews;
  };
}
