import { openEventStoreLog } from '@turnledger/shared/adapters/eventstore';
import { MemoryRateCounter } from '@turnledger/shared/adapters/memory';
import { openPostgres } from '@turnledger/shared/adapters/postgres';
import { openRedis, openRedisCache, RedisRateCounter, RedisTurnFeed } from '@turnledger/shared/adapters/redis';
import { systemClock as clock, systemIds as ids } from '@turnledger/shared/adapters/system';
import { startCommandApi } from './start-command-api.ts';

await startCommandApi({
  clock,
  ids,
  openPostgres,
  openEventStoreLog,
  openRedis,
  openCache: openRedisCache,
  openFeed: (redis) => new RedisTurnFeed({ redis, ids }),
  openTurnRate: (redis, perMinute) =>
    new RedisRateCounter({ redis, perMinute, own: new MemoryRateCounter({ perMinute, clock }) }),
});
