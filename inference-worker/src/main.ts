import { openEventStoreLog } from '@turnledger/shared/adapters/eventstore';
import { openKafkaTurnQueue } from '@turnledger/shared/adapters/kafka';
import { openPostgres } from '@turnledger/shared/adapters/postgres';
import { openRedis, openRedisCache, RedisTurnFeed } from '@turnledger/shared/adapters/redis';
import { systemClock as clock, systemIds as ids } from '@turnledger/shared/adapters/system';
import { openModels } from './open-models.ts';
import { startInferenceWorker } from './start-inference-worker.ts';

await startInferenceWorker({
  clock,
  ids,
  openPostgres,
  openEventStoreLog,
  openRedis,
  openCache: openRedisCache,
  openQueue: openKafkaTurnQueue,
  openModels,
  openFeed: (redis) => new RedisTurnFeed({ redis, ids }),
});
