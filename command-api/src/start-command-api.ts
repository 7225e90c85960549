import { limits } from '@turnledger/shared/contracts';
import type { Clock, Ids, RateCounter, TurnFeed, ViewDatabase } from '@turnledger/shared/ports';
import {
  endpointFacts,
  type OpenPostgres,
  type OpenRedis,
  openStores,
  runProcess,
  type StoreOpeners,
} from '@turnledger/shared/runtime';
import { commandRoutes } from './app.ts';
import { publishDefaultScenario } from './publish-default-scenario.ts';

/** What this process is built on: `main.ts` names the product's, the kill test its own around them. */
export interface CommandApiAdapters<Postgres, Redis> extends StoreOpeners<Postgres, Redis> {
  readonly clock: Clock;
  readonly ids: Ids;
  openFeed(redis: Redis): TurnFeed;
  /** Counts what players ask for, `perMinute` at most (0: no bound). */
  openTurnRate(redis: Redis, perMinute: number): RateCounter;
}

interface CommandPostgres extends OpenPostgres {
  readonly views: ViewDatabase;
}

/** The life of a command-api, as runProcess has it. */
export const startCommandApi = <Postgres extends CommandPostgres, Redis extends OpenRedis>(
  adapters: CommandApiAdapters<Postgres, Redis>,
): Promise<void> => {
  const { clock, ids } = adapters;
  return runProcess({
    name: 'command-api',
    clock,
    ids,
    async start(kit) {
      const { postgres, ledger, redis } = await openStores(kit, adapters);
      await kit.untilDone('default-scenario', () => publishDefaultScenario(ledger, ids.uuid()));
      const { endpoints, playerTurnsPerMinute } = kit.config;
      const routes = commandRoutes({
        ledger,
        clock,
        ids,
        vault: postgres.vault,
        feed: adapters.openFeed(redis),
        views: postgres.views,
        endpoints: endpointFacts(endpoints),
        endingsMaxAgeMs: limits.admission.sweepMs,
        turnRate: adapters.openTurnRate(redis, playerTurnsPerMinute),
      });
      return { routes, stop: async () => {} };
    },
  });
};
