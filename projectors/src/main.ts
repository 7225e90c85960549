import { openEventStoreLog } from '@turnledger/shared/adapters/eventstore';
import { openKafkaTurnQueue } from '@turnledger/shared/adapters/kafka';
import { openPostgres } from '@turnledger/shared/adapters/postgres';
import { openRedis, openRedisCache, RedisTurnFeed } from '@turnledger/shared/adapters/redis';
import { systemClock as clock, systemIds as ids } from '@turnledger/shared/adapters/system';
import { startProjectors } from './start-projectors.ts';

await startProjectors(process.argv.slice(2), {
  clock,
  ids,
  openPostgres,
  openEventStoreLog,
  openRedis,
  openCache: openRedisCache,
  openQueue: openKafkaTurnQueue,
  openFeed: (redis) => new RedisTurnFeed({ redis, ids }),
});
