import { openEventStoreLog } from '@turnledger/shared/adapters/eventstore';
import { openKafkaTurnQueue } from '@turnledger/shared/adapters/kafka';
import { openPostgres } from '@turnledger/shared/adapters/postgres';
import { openRedis, openRedisCache, type RedisStore, RedisTurnFeed } from '@turnledger/shared/adapters/redis';
import { systemClock as clock, systemIds as ids } from '@turnledger/shared/adapters/system';
import type { TurnFeed, TurnMessage, TurnQueue } from '@turnledger/shared/ports';
import type { BrokerQueue, OpenQueueOptions } from '@turnledger/shared/runtime';
import { around, failingLog, failingViews } from '../failing-ports.ts';
import type { Pass } from '../failpoints.ts';
import type { Place } from './kill-points.ts';

const produce = { before: 'before_enqueue', during: 'during_enqueue', after: 'after_enqueue' } as const;

/** What the product's `main.ts` opens, with places to die in around log and views. */
export const failingStores = (pass: Pass<Place>) => ({
  clock,
  ids,
  openRedis,
  openCache: openRedisCache,
  openFeed: (redis: RedisStore): TurnFeed => new RedisTurnFeed({ redis, ids }),
  openEventStoreLog: async (options: Parameters<typeof openEventStoreLog>[0]) => {
    const log = await openEventStoreLog(options);
    return { ...failingLog(log, pass), probe: () => log.probe() };
  },
  openPostgres: async (options: Parameters<typeof openPostgres>[0]) => {
    const postgres = await openPostgres(options);
    return { ...postgres, viewStore: failingViews(postgres.viewStore, pass) };
  },
});

/** The product's turn queue with places to die in, on either side of it. */
export const openFailingQueue = (options: OpenQueueOptions, pass: Pass<Place>): BrokerQueue =>
  failingQueue(openKafkaTurnQueue(options), pass);

/** A queue with places to die in: around what is given to it, and around what a worker makes of it. */
export const failingQueue = <Queue extends TurnQueue>(queue: Queue, pass: Pass<Place>): Queue => ({
  ...queue,
  enqueue: (messages: readonly TurnMessage[]) => {
    const requested = messages.find(({ kind }) => kind === 'requested');
    const enqueue = () => queue.enqueue(messages);
    return requested ? around(produce, pass, enqueue, { turnId: requested.turnId }) : enqueue();
  },
  consume: ({ onRequested, ...consumed }: Parameters<TurnQueue['consume']>[0]) =>
    queue.consume({
      ...consumed,
      onRequested: async (message) => {
        pass('turn_fetched', message.turnId);
        await onRequested(message);
        pass('turn_handled', message.turnId);
      },
    }),
});

/** A feed whose readers may die in the middle of a reply. */
export const failingFeed = (feed: TurnFeed, pass: Pass<Place>): TurnFeed => ({
  publish: (turnId, message) => feed.publish(turnId, message),
  async *read(turnId, options) {
    let deltas = 0;
    for await (const message of feed.read(turnId, options)) {
      yield message;
      if (message.kind === 'delta') deltas += 1;
      if (deltas === 2) pass('mid_follow', turnId);
    }
  },
});
