import type { Clock, Ids, Leadership, Model, TurnFeed, ViewDatabase, WorkerLiveness } from '@turnledger/shared/ports';
import {
  type BrokerQueue,
  type DistributedConfig,
  type OpenPostgres,
  type OpenQueueOptions,
  type OpenRedis,
  openLedger,
  openStores,
  openTurnQueue,
  runProcess,
  type StoreOpeners,
  warmTokenCounter,
} from '@turnledger/shared/runtime';
import { createWorker } from './consume-turns.ts';
import { watchHolders } from './holder-watch.ts';
import { pricesOf } from './open-models.ts';
import { leadReruns } from './reruns/lead-reruns.ts';

/** What this process is built on: `main.ts` names the product's, the kill test its own around them. */
export interface InferenceWorkerAdapters<Postgres, Redis> extends StoreOpeners<Postgres, Redis> {
  readonly clock: Clock;
  readonly ids: Ids;
  openQueue(options: OpenQueueOptions): BrokerQueue;
  openFeed(redis: Redis): TurnFeed;
  /** By the name of their endpoint. */
  openModels(endpoints: DistributedConfig['endpoints']): ReadonlyMap<string, Model>;
}

interface WorkerPostgres extends OpenPostgres {
  readonly liveness: WorkerLiveness;
  readonly leadership: Leadership;
  readonly views: ViewDatabase;
}

/** The life of an inference-worker, as runProcess has it. */
export const startInferenceWorker = <Postgres extends WorkerPostgres, Redis extends OpenRedis>(
  adapters: InferenceWorkerAdapters<Postgres, Redis>,
): Promise<void> => {
  const { clock, ids } = adapters;
  return runProcess({
    name: 'inference-worker',
    clock,
    ids,
    async start(kit) {
      const { config, metrics, logger, board } = kit;
      if (config.hasUnusedApiKey) logger.warn({}, 'OPENAI_API_KEY was found and is not used');
      const [{ postgres, ledger, redis, log }, queue] = await Promise.all([
        openStores(kit, adapters),
        openTurnQueue(kit, adapters.openQueue),
      ]);
      const { vault, liveness, leadership, views } = postgres;
      const ports = {
        vault,
        clock,
        ids,
        liveness,
        holders: watchHolders({ liveness, clock }),
        log: logger,
        models: adapters.openModels(config.endpoints),
        prices: pricesOf(config.endpoints),
      };
      const worker = createWorker({ ...ports, ledger, feed: adapters.openFeed(redis) });
      metrics.gauge('turnledger_running_turns', 'Turns that a worker of this process has in hand.', worker.running);
      board.add('beat', () => ({ isReady: worker.isBeating(), facts: { worker: worker.incarnation } }));
      board.add('turn-queue', () => {
        const { isJoined, isPaused, waiting, running } = queue.status();
        return { isReady: isJoined, facts: { isPaused, waiting, running } };
      });
      void warmTokenCounter();
      const intake = new AbortController();
      const outOfTime = new AbortController();
      const consuming = worker.consume(metrics.meterQueue(queue, 'taking'), intake.signal, outOfTime.signal);
      // A ledger of their own: recorded sessions are many, and would push live ones out of memory.
      const rerunPorts = { ...ports, leadership, views, ledger: openLedger({ log, vault, clock, ids }) };
      const reruns = leadReruns(rerunPorts, intake.signal, outOfTime.signal);
      metrics.gauge('turnledger_running_reruns', 'Re-runs that this process has in hand.', reruns.running);
      return {
        routes: [],
        async stop(deadline) {
          const late = () => outOfTime.abort();
          deadline.addEventListener('abort', late, { once: true });
          if (deadline.aborted) late();
          intake.abort();
          await Promise.all([consuming, reruns.stopped]);
        },
      };
    },
  });
};
