import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { RateCounter } from '../../ports/index.ts';
import { rateCounterContract } from '../../testing/rate-counter-contract.ts';
import { type RedisServer, startRedisServer, testRedisUrl } from '../../testing/redis-server.ts';
import { systemClock, systemIds } from '../system/index.ts';
import { openRedis, type RedisStore } from './open-redis.ts';
import { RedisRateCounter } from './redis-rate-counter.ts';

const log = { info: () => {}, warn: () => {} };
/** A process's own count that refuses nothing, so that what is seen is Redis's. */
const lenient: RateCounter = { take: async () => 0, giveBack: async () => {} };

rateCounterContract('redis', async () => {
  const redis = await openRedis({ url: testRedisUrl(), clock: systemClock, log, prefix: `test:${systemIds.uuid()}:` });
  return {
    withBound: (perMinute) => new RedisRateCounter({ redis, perMinute, own: lenient }),
    pass: (ms) => systemClock.sleep(ms),
    close: redis.close,
  };
});

let server: RedisServer;
let redis: RedisStore;
beforeEach(async () => {
  server = await startRedisServer();
  redis = await openRedis({ url: server.url, clock: systemClock, log });
});
afterEach(async () => {
  await redis.close();
  await server.kill();
});

/** A process's own count of some turns that never come back. */
function countOf(turns: number): RateCounter & { readonly left: () => number } {
  let left = turns;
  return {
    left: () => left,
    async take() {
      if (left === 0) return 5_000;
      left -= 1;
      return 0;
    },
    async giveBack() {
      left += 1;
    },
  };
}

test('two processes share one bound', async () => {
  const [one, other] = [countOf(9), countOf(9)].map((own) => new RedisRateCounter({ redis, perMinute: 4, own }));
  const waitsMs: (number | undefined)[] = [];
  for (let count = 0; count < 3; count += 1) waitsMs.push(await one?.take('ana'), await other?.take('ana'));
  expect(waitsMs.filter((waitMs) => waitMs === 0)).toHaveLength(4);
});

test('a refusal of all leaves this process’s own count as it was', async () => {
  const own = countOf(5);
  const counter = new RedisRateCounter({ redis, perMinute: 1, own });
  await counter.take('ana');
  expect(await counter.take('ana')).toBeGreaterThan(0);
  expect(own.left()).toBe(4);
});

test('a Redis that is away leaves the decision to this process’s own count', async () => {
  await server.kill();
  const counter = new RedisRateCounter({ redis, perMinute: 2, own: countOf(2) });
  expect([await counter.take('ana'), await counter.take('ana'), await counter.take('ana')]).toEqual([0, 0, 5_000]);
  await counter.giveBack('ana');
  expect(await counter.take('ana')).toBe(0);
});

test('a Redis that is frozen is waited for 300 ms at most', async () => {
  const counter = new RedisRateCounter({ redis, perMinute: 2, own: countOf(2) });
  server.freeze();
  const startMs = performance.now();
  expect(await counter.take('ana')).toBe(0);
  expect(performance.now() - startMs).toBeLessThan(300);
  server.thaw();
});

test('an emptied Redis starts everybody anew, and the own count holds', async () => {
  const counter = new RedisRateCounter({ redis, perMinute: 2, own: countOf(3) });
  expect([await counter.take('ana'), await counter.take('ana')]).toEqual([0, 0]);
  await redis.commands.flushall();
  expect([await counter.take('ana'), await counter.take('ana')]).toEqual([0, 5_000]);
});

test('no key names the player, and none is kept for more than a minute', async () => {
  await new RedisRateCounter({ redis, perMinute: 2, own: lenient }).take('ana-the-player');
  const [key = '', ...others] = await redis.commands.keys('*');
  expect(others).toEqual([]);
  expect(key).not.toContain('ana');
  expect(await redis.commands.pttl(key)).toBeGreaterThan(0);
});
