import type {
  Checkpoints,
  Clock,
  Ids,
  Leadership,
  ParkedEvents,
  TurnFeed,
  ViewStore,
  WorkerLiveness,
} from '@turnledger/shared/ports';
import {
  type BrokerQueue,
  type OpenPostgres,
  type OpenQueueOptions,
  type OpenRedis,
  openStores,
  openTurnQueue,
  runProcess,
  type StoreOpeners,
} from '@turnledger/shared/runtime';
import { countParked } from './count-parked.ts';
import { noQueue } from './no-queue.ts';
import { readProjectorFlags } from './projector-flags.ts';
import { prepareReadModels } from './read-models/read-models.ts';
import { runLoops } from './run-loops.ts';

/** What this process is built on: `main.ts` names the product's, the kill test its own around them. */
export interface ProjectorsAdapters<Postgres, Redis> extends StoreOpeners<Postgres, Redis> {
  readonly clock: Clock;
  readonly ids: Ids;
  openQueue(options: OpenQueueOptions): BrokerQueue;
  openFeed(redis: Redis): TurnFeed;
}

interface ProjectorsPostgres extends OpenPostgres {
  readonly viewStore: ViewStore;
  readonly checkpoints: Checkpoints;
  readonly parked: ParkedEvents;
  readonly liveness: WorkerLiveness;
  readonly leadership: Leadership;
}

/** The life of the projectors, as runProcess has it; the flags name the loops that it may lead. */
export const startProjectors = <Postgres extends ProjectorsPostgres, Redis extends OpenRedis>(
  flags: readonly string[],
  adapters: ProjectorsAdapters<Postgres, Redis>,
): Promise<void> => {
  const { clock, ids } = adapters;
  return runProcess({
    name: 'projectors',
    clock,
    ids,
    loops: () => readProjectorFlags(flags),
    async start(kit) {
      const names = readProjectorFlags(flags);
      const { metrics, logger, board } = kit;
      const [{ postgres, ledger, redis, log }, given] = await Promise.all([
        openStores(kit, adapters),
        names.includes('relay') ? openTurnQueue(kit, adapters.openQueue) : noQueue,
      ]);
      const { viewStore: store, checkpoints, liveness, leadership } = postgres;
      // Every loop reads the views, whichever process projects them.
      await kit.untilDone('views', () => prepareReadModels(store));
      const parked = countParked(metrics, postgres.parked);
      const queue = metrics.meterQueue(given, 'giving');
      const feed = adapters.openFeed(redis);
      const loops = new AbortController();
      const running = runLoops(
        {
          ...{ log, ledger, store, checkpoints, parked, liveness, leadership, queue, feed, clock, logger, board },
          // The relay alone tells of events: it reads every one, and each once.
          meter: (projector) =>
            metrics.meterLoop(projector, projector.name === 'relay' ? metrics.countEvents : undefined),
          onStalled: (facts) =>
            kit.fail(`a loop stands still though the log holds more for it: ${JSON.stringify(facts)}`),
        },
        names,
        loops.signal,
      );
      return {
        routes: [],
        async stop() {
          loops.abort();
          await running;
        },
      };
    },
  });
};
