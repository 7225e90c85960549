import { testRedisUrl } from '../../testing/redis-server.ts';
import { turnFeedContract } from '../../testing/turn-feed-contract.ts';
import { systemClock, systemIds } from '../system/index.ts';
import { openRedis } from './open-redis.ts';
import { RedisTurnFeed } from './redis-turn-feed.ts';

const log = { info: () => {}, warn: () => {} };

turnFeedContract('redis', async () => {
  const redis = await openRedis({ url: testRedisUrl(), clock: systemClock, log, prefix: `test:${systemIds.uuid()}:` });
  return { feed: new RedisTurnFeed({ redis, ids: systemIds }), close: redis.close };
});
