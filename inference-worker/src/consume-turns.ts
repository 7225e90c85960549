import { setMaxListeners } from 'node:events';
import { isTurnledgerError, limits } from '@turnledger/shared/contracts';
import type { TurnMessage, TurnQueue } from '@turnledger/shared/ports';
import { type LinkedAbort, linkedAbort } from '@turnledger/shared/runtime';
import type { WorkerPorts } from './ports.ts';
import { runTurn } from './run-turn.ts';

/** One life of a worker process: its id is new at each start, so that a claim says which life made it. */
export interface Worker {
  readonly incarnation: string;
  /** Turns under way now, at most limits.worker.concurrency. */
  running(): number;
  /**
   * Takes turns until the signal aborts; then finishes the ones under way, or aborts them when `deadline` does, and gives
   * them limits.worker.lastEndingMs more to record what they spent.
   */
  consume(queue: TurnQueue, signal: AbortSignal, deadline: AbortSignal): Promise<void>;
}

/** A worker over its ports; `holders` is asked about claims of other workers, and of this one's own turns that are no longer running. */
export function createWorker(ports: WorkerPorts): Worker {
  const incarnation = ports.ids.uuid();
  const running = new Map<string, LinkedAbort>();
  const holders = {
    isLost: async (worker: string) => (worker === incarnation ? true : ports.holders.isLost(worker)),
  };

  const run = async (message: TurnMessage, deadline: AbortSignal): Promise<void> => {
    if (running.has(message.turnId)) return;
    const link = linkedAbort(deadline);
    const { signal } = link;
    running.set(message.turnId, link);
    try {
      for (;;) {
        try {
          return await runTurn({ ...ports, holders }, { message, worker: incarnation, signal });
        } catch (thrown) {
          const isTransient =
            isTurnledgerError(thrown) && (thrown.code === 'store_unavailable' || thrown.code === 'outcome_unknown');
          ports.log.error(
            { turnId: message.turnId, cause: thrown },
            isTransient ? 'a store failed under a turn' : 'a turn was dropped',
          );
          const overdue = ports.clock.nowMs() > message.requestedAtMs + message.deadlineMs;
          if (!isTransient || overdue || signal.aborted) return;
          await ports.clock.sleep(limits.worker.endingRetryMs, signal);
        }
      }
    } finally {
      running.delete(message.turnId);
      link.abort();
    }
  };

  /** An ending that the log never takes must not keep the process: whoever starts next takes the turn over. */
  const untilGivenUp = (work: Promise<void>, deadline: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const giveUp = () => void ports.clock.sleep(limits.worker.lastEndingMs).then(resolve);
      deadline.addEventListener('abort', giveUp, { once: true });
      void work.then(resolve, reject).finally(() => deadline.removeEventListener('abort', giveUp));
    });

  return {
    incarnation,
    running: () => running.size,
    consume: (queue, signal, deadline) => {
      // Every running turn listens to the deadline, twice: Node takes more than ten listeners for a leak.
      setMaxListeners(2 * limits.worker.concurrency + 10, deadline);
      return queue.consume({
        signal,
        concurrency: limits.worker.concurrency,
        onRequested: (message) => untilGivenUp(run(message, deadline), deadline),
        onEnded: ({ turnId }) => running.get(turnId)?.abort(),
      });
    },
  };
}
