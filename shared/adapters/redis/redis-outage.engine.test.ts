import { setMaxListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { limits } from '../../contracts/index.ts';
import type { FeedMessage } from '../../ports/index.ts';
import { followTurn, openLedger } from '../../runtime/index.ts';
import { Arrivals } from '../../testing/arrivals.ts';
import { answerSample, publishSample, requestSample, startSample } from '../../testing/played-session.ts';
import { type RedisServer, startRedisServer } from '../../testing/redis-server.ts';
import { feedDelta, feedEnded, feedStarted } from '../../testing/turn-feed-contract.ts';
import { emptyVaultRecords, MemoryEventLog, openMemoryKeyVault } from '../memory/index.ts';
import { systemClock, systemIds } from '../system/index.ts';
import { openRedis, type RedisStore } from './open-redis.ts';
import { RedisTurnFeed } from './redis-turn-feed.ts';

let server: RedisServer;
let redis: RedisStore;
let feed: RedisTurnFeed;
let stop: AbortController;
let said: Arrivals<string>;

const open = async () => {
  const say = (_facts: object, sentence: string) => said.add(sentence);
  redis = await openRedis({ url: server.url, clock: systemClock, log: { info: say, warn: say } });
  feed = new RedisTurnFeed({ redis, ids: systemIds });
};

beforeEach(async () => {
  said = new Arrivals();
  stop = new AbortController();
  // Fifty readers of a test end by it; a reader of the product has a signal of its own.
  setMaxListeners(0, stop.signal);
  server = await startRedisServer();
  await open();
});
afterEach(async () => {
  stop.abort();
  await redis.close();
  await server.kill();
});

const publish = async (turnId: string, ...messages: readonly FeedMessage[]) => {
  for (const message of messages) await feed.publish(turnId, message);
};

/** Reads in the background until the ending or the end of the test. */
const follow = (turnId: string, after = 0): Arrivals<FeedMessage> => {
  const arrivals = new Arrivals<FeedMessage>();
  void (async () => {
    for await (const message of feed.read(turnId, { after, signal: stop.signal })) arrivals.add(message);
  })();
  return arrivals;
};

const idsOf = (messages: readonly FeedMessage[]) => messages.map(({ id }) => id - feedStarted().id);

const millisecondsOf = async (work: Promise<unknown>): Promise<number> => {
  const startMs = performance.now();
  await work;
  return performance.now() - startMs;
};

/** Waits for a state that no event tells: the next message may be sent. */
const untilReady = async () => {
  while (!redis.readiness().isReady) await systemClock.sleep(5);
};

describe('a Redis that is frozen', () => {
  test('keeps a publish for 300 ms at most, and once it counts as away for none', async () => {
    await publish('turn', feedStarted());
    server.freeze();
    const tookMs: number[] = [];
    for (let count = 1; count <= 10; count += 1) tookMs.push(await millisecondsOf(publish('turn', feedDelta(count))));
    expect(Math.max(...tookMs)).toBeLessThan(300);
    expect(Math.min(...tookMs)).toBeLessThan(5);
    expect(redis.readiness().isReady).toBe(false);
    expect(said.all).toEqual(['Redis is away; live text and warm caches wait until it is back']);
    server.thaw();
  });

  test('goes on with its readers afterwards, and says that it is back', async () => {
    const reader = follow('turn');
    await publish('turn', feedStarted(), feedDelta(1));
    await reader.until(2);
    server.freeze();
    for (let count = 2; count <= 6; count += 1) await publish('turn', feedDelta(count));
    server.thaw();
    expect(await said.until(2)).toContain('Redis is back');
    await publish('turn', feedDelta(7), feedEnded);
    while (reader.all.at(-1)?.kind !== 'ended') await reader.until(reader.all.length + 1);
    const ids = idsOf(reader.all);
    expect(ids).toEqual([...new Set(ids)].toSorted((one, other) => one - other));
    expect(ids).toContain(7);
  });
});

describe('a Redis that is killed', () => {
  test('makes a publish return at once', async () => {
    await server.kill();
    await said.until(1);
    expect(await millisecondsOf(publish('turn', feedStarted()))).toBeLessThan(5);
  });

  test('and comes back empty: readers go on with what comes', async () => {
    const reader = follow('turn');
    await publish('turn', feedStarted(), feedDelta(1));
    await reader.until(2);
    await server.kill();
    await said.until(1);
    await publish('turn', feedDelta(2));
    await server.restart();
    await untilReady();
    await publish('turn', feedDelta(3), feedEnded);
    expect(idsOf(await reader.until(4))).toEqual([0, 1, 3, feedEnded.id - feedStarted().id]);
    expect(said.all).toHaveLength(2);
  });

  test('is one line in the log, however long it is away', async () => {
    await server.kill();
    for (let count = 0; count < 10; count += 1) await publish('turn', feedDelta(count));
    await systemClock.sleep(500); // some four attempts to connect
    expect(said.all).toHaveLength(1);
    await server.restart();
    expect(await said.until(2)).toHaveLength(2);
  });
});

test('FLUSHALL in the middle is a gap for a late reader alone', async () => {
  const early = follow('turn');
  await publish('turn', feedStarted(), feedDelta(1));
  await early.until(2);
  await redis.commands.flushall();
  const late = follow('turn');
  await publish('turn', feedDelta(2), feedEnded);
  expect(idsOf(await early.until(4)).slice(0, 3)).toEqual([0, 1, 2]);
  expect(idsOf(await late.until(2))[0]).toBe(2);
});

test('a key of another kind under a turn stops neither its neighbours for good nor the process', async () => {
  await redis.commands.set('turnledger:feed:odd', 'not a stream');
  await publish('odd', feedStarted());
  expect(said.all).toEqual(['Redis refuses live text']);
  const odd = new AbortController();
  void feed.read('odd', { after: 0, signal: odd.signal })[Symbol.asyncIterator]().next();
  const neighbour = follow('turn');
  expect(await said.until(2)).toContain('Redis refuses to read live text');
  odd.abort();
  await publish('turn', feedStarted(), feedEnded);
  expect(await neighbour.until(2)).toEqual([feedStarted(), feedEnded]);
});

test('a Redis that is full refuses, which is one line, and takes messages again when it has room', async () => {
  await redis.commands.config('SET', 'maxmemory', '1');
  await publish('turn', feedStarted(), feedDelta(1), feedDelta(2));
  expect(said.all).toEqual(['Redis refuses live text']);
  await redis.commands.config('SET', 'maxmemory', '0');
  await publish('turn', feedDelta(3), feedEnded);
  expect(idsOf(await follow('turn').until(2))[0]).toBe(3);
});

test('what is kept lives as long as its turn is news', async () => {
  await publish('turn', feedStarted());
  expect(await redis.commands.pttl('turnledger:feed:turn')).toBeGreaterThan(300_000);
  await publish('turn', feedEnded, feedDelta(1));
  expect(await redis.commands.pttl('turnledger:feed:turn')).toBeLessThanOrEqual(60_000);
});

test('the messages of one tick go in one command, in their order', async () => {
  const deltas = Array.from({ length: 200 }, (_, index) => feedDelta(index + 1));
  await Promise.all([...deltas, feedEnded].map((message) => feed.publish('turn', message)));
  expect(/cmdstat_eval:calls=(\d+)/.exec(await redis.commands.info('commandstats'))?.[1]).toBe('1');
  expect(await follow('turn').until(201)).toEqual([...deltas, feedEnded]);
});

test('what is on its way is bounded: the rest is dropped at once', async () => {
  server.freeze();
  const payload = 'x'.repeat(1_024 * 1_024);
  let done = 0;
  const publishing = Array.from({ length: 20 }, async (_, index) => {
    await feed.publish('turn', feedDelta(index + 1, payload));
    done += 1;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(done).toBe(12);
  await Promise.all(publishing);
  server.thaw();
});

test('a turn that is followed ends by the log when Redis is killed in the middle', async () => {
  const log = new MemoryEventLog({ clock: systemClock });
  const vault = openMemoryKeyVault({ ids: systemIds, records: emptyVaultRecords() });
  const ledger = openLedger({ log, vault, clock: systemClock, ids: systemIds });
  const played = { ledger, vault, log, ids: systemIds };
  await publishSample(played);
  const message = await requestSample(played, await startSample(played));
  const { turnId } = message;
  const ports = { sessions: ledger.sessions, feed, clock: systemClock };
  const followed = followTurn(ports, { ...message, after: 0, signal: stop.signal });
  await publish(turnId, feedStarted());
  expect((await followed.next()).value).toEqual(feedStarted());
  await server.kill();
  await answerSample(played, message);
  await publish(turnId, feedEnded);
  expect(await followed.next()).toEqual({ done: true, value: undefined });
});

describe('readers', () => {
  const connectedClients = async () => /connected_clients:(\d+)/.exec(await redis.commands.info('clients'))?.[1];

  test('fifty of them, early and late, on one connection: all of it, in order, none twice', async () => {
    const turns = Array.from({ length: 10 }, (_, index) => `turn ${index}`);
    const deltas = Array.from({ length: 300 }, (_, index) => feedDelta(index + 1));
    const readers: Arrivals<FeedMessage>[] = [];
    await Promise.all(
      turns.map(async (turnId) => {
        await publish(turnId, feedStarted());
        for (const [index, delta] of deltas.entries()) {
          if (index % 60 === 0) readers.push(follow(turnId));
          await publish(turnId, delta);
        }
        await publish(turnId, feedEnded);
      }),
    );
    expect(readers).toHaveLength(50);
    const all = [feedStarted(), ...deltas, feedEnded];
    for (const reader of readers) expect(await reader.until(all.length)).toEqual(all);
    expect(await connectedClients()).toBe('2');
    expect(feed.followingReaders).toBe(0);
  });

  test('one that comes while the others wait is not kept waiting by their read', async () => {
    follow('quiet turn');
    await publish('turn', feedStarted());
    await follow('turn').until(1);
    const tookMs: number[] = [];
    for (let count = 0; count < 5; count += 1) tookMs.push(await millisecondsOf(follow('turn').until(1)));
    expect(Math.max(...tookMs)).toBeLessThan(limits.redis.blockMs / 2);
  });

  test('one that has stopped reading holds back nobody, has little waiting, and gets all of it when it reads again', async () => {
    const slow = feed.read('turn', { after: 0, signal: stop.signal })[Symbol.asyncIterator]();
    const first = slow.next();
    const quick = follow('turn');
    const deltas = Array.from({ length: 2_000 }, (_, index) => feedDelta(index + 1));
    await Promise.all([feedStarted(), ...deltas, feedEnded].map((message) => feed.publish('turn', message)));
    expect(await quick.until(2_002)).toHaveLength(2_002);
    expect((await first).value).toEqual(feedStarted());
    const rest: FeedMessage[] = [];
    for (let next = await slow.next(); !next.done; next = await slow.next()) rest.push(next.value);
    expect(rest).toEqual([...deltas, feedEnded]);
  });

  test('one that is dropped between two messages is forgotten when its signal aborts', async () => {
    await publish('turn', feedStarted(), feedDelta(1));
    const dropped = feed.read('turn', { after: 0, signal: stop.signal })[Symbol.asyncIterator]();
    await dropped.next();
    expect(feed.followingReaders).toBe(1);
    stop.abort();
    expect(feed.followingReaders).toBe(0);
  });

  test('the close of the store ends those that wait', async () => {
    const waiting = feed.read('turn', { after: 0, signal: stop.signal })[Symbol.asyncIterator]().next();
    await publish('another', feedStarted());
    await redis.close();
    expect(await waiting).toEqual({ done: true, value: undefined });
  });
});
