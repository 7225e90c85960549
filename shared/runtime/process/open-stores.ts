import type { Cache, Clock, EventLog, Ids, KeyVault } from '../../ports/index.ts';
import { type Ledger, openLedger } from '../ledger/index.ts';
import type { ProcessKit } from './run-process.ts';

type Report = (facts: object, sentence: string) => void;

/** Of what PostgreSQL holds, the part that opening it needs. */
export interface OpenPostgres {
  readonly vault: KeyVault;
  probe(): Promise<void>;
  close(): Promise<void>;
}

/** Of a Redis, the same. */
export interface OpenRedis {
  readonly commands: { ping(): Promise<unknown> };
  close(): Promise<void>;
}

/** What opens the stores: adapters, which a main.ts chooses. */
export interface StoreOpeners<Postgres, Redis> {
  openPostgres(options: {
    readonly url: string;
    readonly masterKey: Buffer;
    readonly clock: Clock;
    readonly ids: Ids;
    readonly report: Report;
  }): Promise<Postgres>;
  openEventStoreLog(options: {
    readonly url: string;
    readonly prefix: string;
    readonly clock: Clock;
    readonly log: { readonly info: Report; readonly warn: Report };
  }): Promise<EventLog & { probe(): Promise<void> }>;
  openRedis(options: {
    readonly url: string;
    readonly clock: Clock;
    readonly log: { readonly info: Report; readonly warn: Report };
  }): Promise<Redis>;
  /** What keeps folded sessions for processes that have not seen them. */
  openCache(redis: Redis): Cache;
}

/** What each of the four processes stands on. */
export interface OpenedStores<Postgres, Redis> {
  readonly postgres: Postgres;
  readonly log: EventLog;
  readonly redis: Redis;
  readonly ledger: Ledger;
}

/**
 * Opens PostgreSQL, the event store and Redis side by side, each however long that takes, and a hop for each. Redis is opened also while it
 * is away, and its hop never keeps a process from being ready: what is in it costs time alone. Throws as ProcessKit.open does.
 */
export async function openStores<Postgres extends OpenPostgres, Redis extends OpenRedis>(
  kit: ProcessKit,
  openers: StoreOpeners<Postgres, Redis>,
): Promise<OpenedStores<Postgres, Redis>> {
  const { config, clock, ids, logger, metrics } = kit;
  const { databaseUrl, eventStoreUrl, redisUrl, masterKey, streamPrefix: prefix } = config;
  const log = { info: logger.info, warn: logger.warn };
  const [postgres, eventStore, redis] = await Promise.all([
    kit.open({
      name: 'postgres',
      open: () => openers.openPostgres({ url: databaseUrl, masterKey, clock, ids, report: logger.warn }),
      probe: (opened) => opened.probe(),
    }),
    kit.open({
      name: 'event-store',
      open: () => openers.openEventStoreLog({ url: eventStoreUrl, prefix, clock, log }),
      probe: (opened) => opened.probe(),
    }),
    kit.open({
      name: 'redis',
      isHint: true,
      open: () => openers.openRedis({ url: redisUrl, clock, log }),
      // Asked, and not only looked at: a server that has stopped keeps its connections, and a quiet process owes it nothing.
      probe: (opened) => opened.commands.ping(),
    }),
  ]);
  const meteredLog = metrics.meterLog(eventStore);
  const ledger = openLedger({ log: meteredLog, vault: postgres.vault, clock, ids, cache: openers.openCache(redis) });
  return { postgres, log: meteredLog, redis, ledger };
}
