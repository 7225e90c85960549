import { setMaxListeners } from 'node:events';
import { isTurnledgerError, limits, sessionStream } from '@turnledger/shared/contracts';
import type { TurnMessage, TurnQueue } from '@turnledger/shared/ports';
import { type LinkedAbort, linkedAbort } from '@turnledger/shared/runtime';
import { CallSlots } from './call-slots.ts';
import { dueOf } from './due-of.ts';
import { FencedCalls } from './fenced-calls.ts';
import type { HeldClaim, WorkerPorts } from './ports.ts';
import { runTurn } from './run-turn.ts';
import { summariseHistory } from './summarise-history.ts';
import { SummaryLane } from './summary-lane.ts';
import { untilGivenUp } from './until-given-up.ts';

/** One life of a worker process: its id is new at each start, so that a claim says which life made it. */
export interface Worker {
  readonly incarnation: string;
  /** Turns in hand now: at most limits.worker.concurrency run, and limits.liveness.maxWaitingTurns wait for another worker's claim. */
  running(): number;
  /** Whether its beat arrives, so that it may claim; true where nobody has to know. */
  isBeating(): boolean;
  /**
   * Takes turns until the signal aborts; then finishes the ones under way, or aborts them when `deadline` does, and gives
   * them limits.worker.lastEndingMs more to record what they spent. Summaries are aborted at once. Beats from beginning to end.
   */
  consume(queue: TurnQueue, signal: AbortSignal, deadline: AbortSignal): Promise<void>;
}

/** A turn in hand. */
interface Job {
  readonly link: LinkedAbort;
  readonly done: Promise<void>;
}

/** A worker over its ports; `holders` is asked about claims of other workers, and of this one's own turns that are no longer running. */
export function createWorker(ports: WorkerPorts): Worker {
  const { liveness, clock, log } = ports;
  const incarnation = ports.ids.uuid();
  const jobs = new Map<string, Job>();
  const fenced = new FencedCalls({ liveness, clock, log, worker: incarnation });
  const slots = new CallSlots(limits.worker.concurrency);
  const holders = {
    isLost: async (claim: HeldClaim) => (claim.worker === incarnation ? true : ports.holders.isLost(claim)),
  };
  /** Beside the turns: nothing of a turn waits for it. */
  const lane = new SummaryLane({
    isDue: async (sessionId) => {
      if (!fenced.isBeating) return false;
      const state = await ports.ledger.sessions.load(sessionStream(sessionId), Number.POSITIVE_INFINITY);
      return (await dueOf(ports, sessionId, state)) !== undefined;
    },
    async run(sessionId, correlationId, call) {
      const run = { sessionId, correlationId, worker: incarnation, signal: call.signal };
      await fenced.hold(call, () => summariseHistory({ ...ports, holders }, run));
    },
    onError: (sessionId, cause) => log.warn({ sessionId, cause }, 'a session could not be summarised'),
  });

  /** One try, within a slot. `faint`: cut short because this worker could not beat; `held`: another worker has it for now. */
  const tryTurn = async (message: TurnMessage, signal: AbortSignal): Promise<'over' | 'held' | 'faint'> => {
    await fenced.untilBeating(signal);
    return slots.within(() =>
      fenced.within(signal, (call) => runTurn({ ...ports, holders }, { message, worker: incarnation, signal: call })),
    );
  };

  const runToEnd = async (message: TurnMessage, { signal }: LinkedAbort): Promise<void> => {
    for (;;) {
      let pauseMs: number = limits.worker.endingRetryMs;
      try {
        const result = await tryTurn(message, signal);
        if (result === 'over') return lane.offer(message.sessionId, message.correlationId);
        if (result === 'held') pauseMs = limits.liveness.lookMs;
      } catch (thrown) {
        if (isTurnledgerError(thrown) && thrown.code === 'turn_not_found') throw thrown;
        const isTransient =
          isTurnledgerError(thrown) && (thrown.code === 'store_unavailable' || thrown.code === 'outcome_unknown');
        log.error(
          { turnId: message.turnId, cause: thrown },
          isTransient ? 'a store failed under a turn' : 'a turn was dropped',
        );
        if (!isTransient) return;
      }
      const overdue = clock.nowMs() > message.requestedAtMs + message.deadlineMs;
      if (overdue || signal.aborted) return;
      await clock.sleep(pauseMs, signal);
    }
  };

  /** A turn that is in hand already is done with when that run is: a queue may forget a message once its handler has answered. */
  const run = (message: TurnMessage, deadline: AbortSignal): Promise<void> => {
    const { turnId } = message;
    const known = jobs.get(turnId);
    if (known) return known.done;
    const link = linkedAbort(deadline);
    const done = runToEnd(message, link).finally(() => {
      jobs.delete(turnId);
      link.abort();
    });
    jobs.set(turnId, { link, done });
    return done;
  };

  return {
    incarnation,
    running: () => jobs.size,
    isBeating: () => fenced.isBeating,
    consume: async (queue, signal, deadline) => {
      const concurrency = limits.worker.concurrency + (liveness ? limits.liveness.maxWaitingTurns : 0);
      // Every running turn listens to the deadline, twice: Node takes more than ten listeners for a leak.
      setMaxListeners(2 * concurrency + 10, deadline);
      const gone = new AbortController();
      const beating = fenced.beat(gone.signal);
      // Nobody waits for a summary: a process that leaves ends those first.
      const leave = () => void lane.stop();
      signal.addEventListener('abort', leave, { once: true });
      try {
        await queue.consume({
          signal,
          concurrency,
          onRequested: (message) => untilGivenUp(clock, run(message, deadline), deadline),
          onEnded: ({ turnId }) => jobs.get(turnId)?.link.abort(),
        });
      } finally {
        signal.removeEventListener('abort', leave);
        if (!lane.isIdle) await untilGivenUp(clock, lane.stop(), deadline);
        gone.abort();
        await beating;
      }
    },
  };
}
