import { createServer } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Arrivals } from '../../testing/arrivals.ts';
import { type RedisServer, startRedisServer, testRedisUrl } from '../../testing/redis-server.ts';
import { systemClock } from '../system/index.ts';
import { openRedis, type RedisStore } from './open-redis.ts';

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

const said = new Arrivals<string>();
const log = { info: (_: object, line: string) => said.add(line), warn: (_: object, line: string) => said.add(line) };

async function open(url: string): Promise<RedisStore> {
  const redis = await openRedis({ url, clock: systemClock, log });
  opened.push(redis);
  return redis;
}

async function serve(...settings: readonly string[]): Promise<RedisServer> {
  const server = await startRedisServer(...settings);
  opened.push({ close: server.kill });
  return server;
}

const withSecret = (url: string, secret: string) => url.replace('redis://', `redis://${secret}@`);

describe('openRedis', () => {
  test('opens ready, and answers', async () => {
    const redis = await open(testRedisUrl());
    expect(redis.readiness().isReady).toBe(true);
    expect(await redis.commands.ping()).toBe('PONG');
  });

  test('a password that is wrong, or missing, is one clear error that does not say it', async () => {
    const { url } = await serve('--requirepass', 'right');
    const refusal = async (text: string) => {
      const error = await open(text).catch((thrown: unknown) => thrown);
      return String(error);
    };
    expect(await refusal(withSecret(url, ':wrong-secret'))).toMatch(
      /REDIS_URL: the server refuses the user or the password$/,
    );
    expect(await refusal(url)).toMatch(/REDIS_URL: the server wants a password$/);
    expect((await open(withSecret(url, ':right'))).readiness().isReady).toBe(true);
    expect(said.all).toEqual([]);
  });

  test('a database that the server does not have is an error', async () => {
    await expect(open(`${testRedisUrl()}/9999`)).rejects.toMatchObject({
      extras: { detail: 'REDIS_URL: the server has no such database' },
    });
  });

  test('a server that is no Redis is an error', async () => {
    const web = createServer((_request, response) => response.end('hello')).listen(0, '127.0.0.1');
    opened.push({ close: async () => void web.close() });
    await new Promise((resolve) => web.once('listening', resolve));
    const address = web.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await expect(open(`redis://127.0.0.1:${port}`)).rejects.toMatchObject({
      code: 'config_invalid',
      extras: { detail: 'REDIS_URL: what answers there is no Redis' },
    });
  });

  test.each(['absent', 'silent'])(
    'one that is %s is waited for, with one line and one more when it is there',
    async (how) => {
      const server = await serve();
      if (how === 'absent') await server.kill();
      else server.freeze();
      const before = said.all.length;
      const startMs = performance.now();
      const redis = await open(server.url);
      expect(performance.now() - startMs).toBeLessThan(2_600);
      expect(redis.readiness().isReady).toBe(false);
      await expect(redis.commands.ping()).rejects.toBeDefined();
      if (how === 'absent') await server.restart();
      else server.thaw();
      expect((await said.until(before + 2)).slice(before)).toEqual([
        'Redis is away; live text and warm caches wait until it is back',
        'Redis is back',
      ]);
      expect(redis.readiness().isReady).toBe(true);
    },
  );
});
