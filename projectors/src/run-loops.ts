import { limits } from '@turnledger/shared/contracts';
import type {
  Checkpoints,
  Clock,
  EventLog,
  Leadership,
  ParkedEvents,
  TurnFeed,
  TurnQueue,
  ViewStore,
  WorkerLiveness,
} from '@turnledger/shared/ports';
import type { HopBoard, Ledger, Log } from '@turnledger/shared/runtime';
import { caches } from './caches/caches.ts';
import { expireTurns } from './expire-turns/expire-turns.ts';
import { readModels } from './read-models/read-models.ts';
import { durableRelay } from './relay/relay.ts';
import { requeueLostTurns } from './relay/requeue-lost-turns.ts';
import { type Projector, runProjector } from './run-projector.ts';
import { type StalledLoop, watchLoop } from './watch-loop.ts';

/** The loops of this service; each is led by one process at a time. */
export const loopNames = ['read-models', 'relay', 'expire-turns', 'caches'] as const;
export type LoopName = (typeof loopNames)[number];

export interface LoopPorts {
  readonly log: EventLog;
  readonly ledger: Ledger;
  readonly store: ViewStore;
  readonly checkpoints: Checkpoints;
  readonly parked: ParkedEvents;
  readonly liveness: WorkerLiveness;
  readonly leadership: Leadership;
  readonly queue: TurnQueue;
  readonly feed: TurnFeed;
  readonly clock: Clock;
  readonly logger: Log;
  readonly board: HopBoard;
  /** Puts something around each projector that follows the log. */
  readonly meter: (projector: Projector) => Projector;
  /** Told once of a loop that stands still by its own fault. */
  readonly onStalled: (stalled: StalledLoop) => void;
}

/**
 * Runs loops, each whenever this process leads it, until the signal aborts; then finishes the batches in hand. Tells the board which are led
 * here; one that is not led within two tries stands by.
 */
export async function runLoops(ports: LoopPorts, names: readonly LoopName[], signal: AbortSignal): Promise<void> {
  await Promise.all(names.map((name) => lead(ports, name, signal)));
}

async function lead(ports: LoopPorts, name: LoopName, signal: AbortSignal): Promise<void> {
  const { leadership, board, clock } = ports;
  let isDecided = false;
  const giveUpFirst = clock.sleep(2 * limits.leadership.retryMs, signal).then(() => {
    if (!isDecided) board.standBy(name);
  });
  const work = async (term: AbortSignal) => {
    isDecided = true;
    board.lead(name);
    try {
      await works[name](ports, term);
    } finally {
      board.standBy(name);
    }
  };
  await leadership.lead(name, work, signal);
  await giveUpFirst;
}

const works: { readonly [name in LoopName]: (ports: LoopPorts, term: AbortSignal) => Promise<void> } = {
  'read-models': ({ store, logger, parked, ...ports }, term) =>
    follow({ ...ports, logger }, readModels(store, logger, undefined, parked), term),

  relay: async ({ logger, ...ports }, term) => {
    const relaying = follow({ ...ports, logger }, durableRelay({ ...ports, log: logger }), term);
    await Promise.all([relaying, requeueLostTurns({ ...ports, logger }, term)]);
  },

  caches: (ports, term) => follow(ports, caches(ports), term),

  'expire-turns': async ({ board, ...ports }, term) => {
    // It follows the clock and not the log: it is as caught up as the views that it reads.
    board.report({ name: 'expire-turns', position: 0n, isCaughtUp: true, movedAtMs: ports.clock.monotonicMs() });
    await expireTurns(ports, term);
  },
};

type FollowPorts = Pick<LoopPorts, 'log' | 'clock' | 'logger' | 'board' | 'meter' | 'onStalled'>;

/** Runs a loop that follows the log, metered and watched. */
const follow = (ports: FollowPorts, projector: Projector, term: AbortSignal): Promise<void> =>
  runProjector(ports, ports.meter(projector), term, watchLoop(ports, projector.name, term));
