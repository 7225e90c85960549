import { openEventStoreLog } from '@turnledger/shared/adapters/eventstore';
import { openPostgres } from '@turnledger/shared/adapters/postgres';
import { openRedis, openRedisCache, RedisTurnFeed } from '@turnledger/shared/adapters/redis';
import { systemClock as clock, systemIds as ids } from '@turnledger/shared/adapters/system';
import { startQueryApi } from './start-query-api.ts';

await startQueryApi({
  clock,
  ids,
  openPostgres,
  openEventStoreLog,
  openRedis,
  openCache: openRedisCache,
  openFeed: (redis) => new RedisTurnFeed({ redis, ids }),
});
