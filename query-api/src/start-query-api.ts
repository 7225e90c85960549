import type { Clock, Ids, TurnFeed, ViewDatabase, ViewStore } from '@turnledger/shared/ports';
import {
  type OpenPostgres,
  type OpenRedis,
  openStores,
  runProcess,
  type StoreOpeners,
} from '@turnledger/shared/runtime';
import { queryRoutes } from './app.ts';
import { watchViews } from './watch-views.ts';

/** What this process is built on: `main.ts` names the product's, the kill test its own around them. */
export interface QueryApiAdapters<Postgres, Redis> extends StoreOpeners<Postgres, Redis> {
  readonly clock: Clock;
  readonly ids: Ids;
  openFeed(redis: Redis): TurnFeed;
}

interface QueryPostgres extends OpenPostgres {
  readonly viewStore: ViewStore;
  readonly views: ViewDatabase;
}

/** The life of a query-api, as runProcess has it. */
export const startQueryApi = <Postgres extends QueryPostgres, Redis extends OpenRedis>(
  adapters: QueryApiAdapters<Postgres, Redis>,
): Promise<void> => {
  const { clock, ids } = adapters;
  return runProcess({
    name: 'query-api',
    clock,
    ids,
    async start(kit) {
      const { postgres, ledger, redis, log } = await openStores(kit, adapters);
      void watchViews({ ...kit, log, store: postgres.viewStore });
      const routes = queryRoutes({
        ledger,
        clock,
        vault: postgres.vault,
        views: postgres.views,
        feed: adapters.openFeed(redis),
        leaving: kit.leaving,
      });
      return { routes, stop: async () => {} };
    },
  });
};
