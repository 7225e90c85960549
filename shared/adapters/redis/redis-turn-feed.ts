import { limits } from '../../contracts/index.ts';
import type { FeedMessage, Ids, TurnFeed } from '../../ports/index.ts';
import { endingId, feedKey, type RangeAnswer, readEntries } from './feed-messages.ts';
import { FeedPublisher } from './feed-publisher.ts';
import { FeedReader } from './feed-reader.ts';
import type { RedisStore } from './open-redis.ts';

export interface RedisTurnFeedOptions {
  readonly redis: RedisStore;
  readonly ids: Pick<Ids, 'uuid'>;
}

/**
 * Live deltas of the turns of all processes on Redis: a stream a turn, whose entries' ids are the messages' own.
 *
 * Bounds (limits.feed, limits.redis): a turn keeps its newest `maxMessagesPerTurn`, for `keepAfterEndMs` after its ending and for
 * `keepIdleMs` without news; a publish takes `commandTimeoutMs` at most; a reader that is slower than its turn has `maxWaitingMessages`
 * waiting and is read for again when it has taken them. A Redis that is away, silent, full or emptied loses messages and nothing else:
 * publishing resolves, a reader waits and goes on with what comes, one that asks for the kept alone gets what there is. Closing the store ends
 * its readers.
 */
export class RedisTurnFeed implements TurnFeed {
  readonly #redis: RedisStore;
  readonly #publisher: FeedPublisher;
  readonly #reader: FeedReader;

  constructor({ redis, ids }: RedisTurnFeedOptions) {
    this.#redis = redis;
    this.#publisher = new FeedPublisher(redis);
    this.#reader = new FeedReader(redis, ids);
  }

  /** Readers that follow a turn, for health and metrics. */
  get followingReaders(): number {
    return this.#reader.size;
  }

  publish(turnId: string, message: FeedMessage): Promise<void> {
    return this.#publisher.publish(turnId, message);
  }

  async *read(turnId: string, options: Parameters<TurnFeed['read']>[1]): AsyncGenerator<FeedMessage> {
    const { after, signal, follow = true } = options;
    if (signal.aborted || after >= endingId) return;
    for await (const message of follow ? this.#follow(turnId, after, signal) : this.#kept(turnId, after, signal)) {
      yield message;
      if (message.kind === 'ended') return;
    }
  }

  async *#follow(turnId: string, after: number, signal: AbortSignal): AsyncGenerator<FeedMessage> {
    const follower = this.#reader.follow(turnId, after);
    if (!follower) return;
    // Not left to `finally` alone: a reader that is dropped between two messages never gets there, but its signal aborts.
    const leave = () => this.#reader.leave(follower);
    signal.addEventListener('abort', leave, { once: true });
    try {
      while (!follower.isOver) {
        const wasFull = follower.isFull;
        const message = follower.take();
        if (message) yield message;
        else {
          if (wasFull) this.#reader.resume();
          await follower.arrived();
        }
      }
    } finally {
      signal.removeEventListener('abort', leave);
      leave();
    }
  }

  async *#kept(turnId: string, after: number, signal: AbortSignal): AsyncGenerator<FeedMessage> {
    const { commands, prefix } = this.#redis;
    const { maxReadMessages } = limits.redis;
    let newestRead = after;
    while (!signal.aborted) {
      const range = [feedKey(prefix, turnId), `${newestRead + 1}-0`, '+', 'COUNT', maxReadMessages];
      const entries = await commands.call('XRANGE', range).then(
        (answer) => answer as RangeAnswer,
        () => [],
      );
      for (const message of readEntries(entries)) {
        newestRead = message.id;
        yield message;
        if (signal.aborted) return;
      }
      if (entries.length < maxReadMessages) return;
    }
  }
}
