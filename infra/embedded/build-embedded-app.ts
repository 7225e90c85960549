import { commandRoutes } from '@turnledger/command-api';
import { queryRoutes } from '@turnledger/query-api';
import { MemoryRateCounter } from '@turnledger/shared/adapters/memory';
import { systemClock as clock, systemIds as ids } from '@turnledger/shared/adapters/system';
import type { KeyVault, TurnFeed, ViewDatabase } from '@turnledger/shared/ports';
import {
  buildHttpApp,
  descriptionRoutes,
  type EmbeddedConfig,
  endpointFacts,
  type Hop,
  healthRoutes,
  type Ledger,
  type Log,
  localCallers,
  type Metrics,
  openTokenCallers,
} from '@turnledger/shared/runtime';

export interface EmbeddedAppOptions {
  readonly config: EmbeddedConfig;
  readonly metrics: Metrics;
  readonly ledger: Ledger;
  readonly vault: KeyVault;
  readonly feed: TurnFeed;
  readonly views: ViewDatabase;
  readonly hops: () => readonly Hop[];
  /** Aborts when the process begins to end. */
  readonly leaving: AbortSignal;
  readonly logger: Log;
}

/** Both sides' routes as one app, with what describes and measures them. Without a secret for tokens everybody is the operator. */
export function buildEmbeddedApp({ config, metrics, views, hops, leaving, logger, ...shared }: EmbeddedAppOptions) {
  const { access, endpoints, playerTurnsPerMinute } = config;
  const ports = { ...shared, views, clock, ids };
  const turnRate = new MemoryRateCounter({ perMinute: playerTurnsPerMinute, clock });
  const routes = [
    ...commandRoutes({ ...ports, endpoints: endpointFacts(endpoints), turnRate }),
    ...queryRoutes({ ...ports, leaving }),
    ...healthRoutes(hops),
    metrics.route,
  ];
  return buildHttpApp({
    ids,
    log: logger,
    observe: metrics.observeAnswer,
    allowedHosts: access.allowedHosts,
    callers: access.jwtSecret ? openTokenCallers({ secret: access.jwtSecret, clock }) : localCallers,
    routes: [...routes, ...descriptionRoutes(routes)],
  });
}
