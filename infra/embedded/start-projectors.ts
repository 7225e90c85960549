import {
  enqueueOpenTurns,
  expireTurns,
  type Projector,
  type ProjectorStatus,
  readModels,
  relay,
  runProjector,
} from '@turnledger/projectors';
import { views } from '@turnledger/shared/contracts';
import type { Clock, TurnFeed, TurnQueue } from '@turnledger/shared/ports';
import type { Ledger, Log } from '@turnledger/shared/runtime';
import type { Stores } from './open-stores.ts';

export interface ProjectorsOptions {
  readonly stores: Stores;
  readonly ledger: Ledger;
  readonly queue: TurnQueue;
  readonly feed: TurnFeed;
  readonly clock: Clock;
  readonly logger: Log;
  readonly signal: AbortSignal;
  readonly report: (status: ProjectorStatus) => void;
  /** Puts something around each projector that follows the log. */
  readonly meter?: (projector: Projector) => Projector;
}

/**
 * Runs read models, relay and expiry in this process. Resolves once the views have reached the head that the log had at the call and every
 * open turn is on the queue: only then may a request come in. `stopped` resolves when all loops have ended after the signal.
 */
export async function startProjectors(options: ProjectorsOptions): Promise<{ readonly stopped: Promise<unknown> }> {
  const { stores, ledger, queue, feed, clock, logger, signal, report, meter = (projector) => projector } = options;
  const { log, viewStore: store, leadership } = stores;
  const ports = { log, clock, logger };
  const head = await log.headPosition();
  let onCaughtUp: (position: bigint) => void = () => {};
  const caughtUp = new Promise<void>((resolve) => {
    onCaughtUp = (position) => {
      if (position >= head) resolve();
    };
  });
  const models = leadership.lead(
    'read-models',
    (lead) => runProjector(ports, meter(readModels(store, logger, (position) => onCaughtUp(position))), lead, report),
    signal,
  );
  await Promise.race([caughtUp, models]);
  // The queue in memory has forgotten everything. What the views show at their checkpoint is enqueued, the relay goes on from there.
  const from = await store.checkpoint(views.turns);
  await enqueueOpenTurns(store, queue);
  const relaying = runProjector(ports, meter(relay(queue, from, logger)), signal, report);
  const expiring = leadership.lead(
    'expire-turns',
    (lead) => expireTurns({ ledger, store, feed, clock, logger }, lead),
    signal,
  );
  return { stopped: Promise.all([models, relaying, expiring]) };
}
