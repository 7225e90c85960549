import { expect, test } from '@jest/globals';
import { limits } from '../../contracts/index.ts';
import { cacheContract } from '../../testing/cache-contract.ts';
import { startRedisServer, testRedisUrl } from '../../testing/redis-server.ts';
import { systemClock, systemIds } from '../system/index.ts';
import { openRedis, type RedisStore } from './open-redis.ts';
import { RedisCache } from './redis-cache.ts';

const log = { info: () => {}, warn: () => {} };
const openAt = (url: string): Promise<RedisStore> =>
  openRedis({ url, clock: systemClock, log, prefix: `test:${systemIds.uuid()}:` });

cacheContract('redis', async () => {
  const redis = await openAt(testRedisUrl());
  return { cache: new RedisCache({ redis }), close: redis.close };
});

test('an entry has an end to its life', async () => {
  const redis = await openAt(testRedisUrl());
  await new RedisCache({ redis }).put('session', 'text');
  const lifeMs = await redis.commands.pttl(`${redis.prefix}cache:session`);
  expect(lifeMs).toBeGreaterThan(limits.cache.keepMs - 5_000);
  expect(lifeMs).toBeLessThanOrEqual(limits.cache.keepMs);
  await redis.close();
});

test('a Redis that is frozen, then gone, is a miss within 300 ms, and does not say that it forgot', async () => {
  const server = await startRedisServer();
  const redis = await openAt(server.url);
  const cache = new RedisCache({ redis });
  await cache.put('session', 'text');
  server.freeze();
  const startMs = performance.now();
  expect(await cache.get('session')).toBeUndefined();
  expect(performance.now() - startMs).toBeLessThan(300);
  await server.kill();
  await cache.put('session', 'text');
  expect(await cache.get('session')).toBeUndefined();
  expect(await cache.forget('session')).toBe(false);
  await redis.close();
});
