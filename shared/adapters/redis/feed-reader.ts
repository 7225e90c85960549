import type { Redis } from 'ioredis';
import { limits } from '../../contracts/index.ts';
import type { Ids } from '../../ports/index.ts';
import { FeedFollower } from './feed-follower.ts';
import { feedKey, type ReadAnswer, readArguments, readEntries } from './feed-messages.ts';
import type { RedisStore } from './open-redis.ts';
import { describeFailure } from './redis-failure.ts';

/**
 * Reads the feeds of all followed turns over one connection that blocks: one XREAD for all of them, from the oldest id that one of a turn's
 * followers has, so that a late follower's catching up and its live messages are one sequence.
 *
 * Beside the turns it reads a stream of its own, by which a follower that comes ends the read under way; its ids are the versions of the
 * followed set, so no wake-up is missed, and one that Redis loses costs limits.redis.blockMs. While Redis is away followers wait.
 */
export class FeedReader {
  readonly #redis: RedisStore;
  readonly #wakeKey: string;
  readonly #followers = new Map<string, Set<FeedFollower>>();
  #connection: Redis | undefined;
  #count = 0;
  /** Rises whenever a read under way lacks something that a follower wants. */
  #version = 0;
  /** The version that the read under way knows; undefined while there is none. */
  #readingVersion: number | undefined;
  #isRunning = false;
  #isRefused = false;
  /** Cuts a pause short: the connection stands again, or the store is closed. */
  #pause = new AbortController();

  constructor(redis: RedisStore, ids: Pick<Ids, 'uuid'>) {
    this.#redis = redis;
    this.#wakeKey = `${redis.prefix}wake:${ids.uuid()}`;
    redis.closed.addEventListener('abort', () => this.#endAll(), { once: true });
  }

  /** Followers there are now, for health and metrics. */
  get size(): number {
    return this.#count;
  }

  /** A follower of a turn, until the signal aborts or it leaves; undefined when there are limits.redis.maxReaders already. */
  follow(turnId: string, after: number): FeedFollower | undefined {
    if (this.#count >= limits.redis.maxReaders || this.#redis.closed.aborted) return undefined;
    const follower = new FeedFollower(turnId, after);
    this.#followers.set(turnId, (this.#followers.get(turnId) ?? new Set()).add(follower));
    this.#count += 1;
    this.resume();
    return follower;
  }

  leave(follower: FeedFollower): void {
    follower.end();
    const others = this.#followers.get(follower.turnId);
    if (!others?.delete(follower)) return;
    this.#count -= 1;
    if (others.size === 0) this.#followers.delete(follower.turnId);
  }

  /** Has the next read begin now: somebody wants what the one under way does not bring. */
  resume(): void {
    this.#version += 1;
    if (!this.#isRunning) {
      this.#isRunning = true;
      void this.#run();
    } else if (this.#readingVersion === this.#version - 1) this.#wake(this.#version);
  }

  #endAll(): void {
    for (const followers of this.#followers.values()) for (const follower of followers) follower.end();
    this.#followers.clear();
    this.#count = 0;
    this.#pause.abort();
  }

  #wake(version: number): void {
    const { commands } = this.#redis;
    const keepMs = 2 * limits.redis.blockMs;
    const pipeline = commands.pipeline().xadd(this.#wakeKey, 'MAXLEN', 1, `${version}-0`, 'v', '');
    pipeline
      .pexpire(this.#wakeKey, keepMs)
      .exec()
      .catch(() => {});
  }

  async #run(): Promise<void> {
    const { blockMs, maxReconnectMs, minReconnectMs } = limits.redis;
    for (let wanted = this.#wanted(); wanted.size > 0; wanted = this.#wanted()) {
      const connection = this.#connect();
      try {
        if (connection.status !== 'ready') await this.#sleep(maxReconnectMs);
        else this.#deliver(await this.#read(connection, wanted), wanted);
      } catch (error) {
        this.#report(error);
        await this.#sleep(this.#isRefused ? blockMs : minReconnectMs);
      } finally {
        this.#readingVersion = undefined;
      }
    }
    this.#isRunning = false;
  }

  #connect(): Redis {
    this.#connection ??= this.#redis.connectReader().on('ready', () => this.#pause.abort());
    return this.#connection;
  }

  async #sleep(ms: number): Promise<void> {
    this.#pause = new AbortController();
    await this.#redis.clock.sleep(ms, this.#pause.signal);
  }

  /** The id after which to read each turn that a follower with room is after. */
  #wanted(): ReadonlyMap<string, number> {
    const wanted = new Map<string, number>();
    for (const [turnId, followers] of this.#followers) {
      for (const follower of followers)
        if (!follower.isFull)
          wanted.set(turnId, Math.min(follower.newestId, wanted.get(turnId) ?? Number.POSITIVE_INFINITY));
    }
    return wanted;
  }

  async #read(connection: Redis, wanted: ReadonlyMap<string, number>): Promise<ReadAnswer> {
    const wake = { key: this.#wakeKey, version: this.#version };
    this.#readingVersion = wake.version;
    const call = readArguments(this.#redis.prefix, wanted, wake);
    const answer = (await connection.call('XREAD', [...call])) as ReadAnswer;
    this.#isRefused = false;
    return answer;
  }

  #deliver(answer: ReadAnswer, wanted: ReadonlyMap<string, number>): void {
    const keyLength = feedKey(this.#redis.prefix, '').length;
    for (const [key, entries] of answer ?? []) {
      if (key === this.#wakeKey) continue;
      const turnId = key.slice(keyLength);
      const messages = readEntries(entries);
      for (const follower of this.#followers.get(turnId) ?? []) follower.give(messages, wanted.get(turnId) ?? 0);
    }
  }

  /** A lost connection is the store's to report; what is left is a refusal. */
  #report(error: unknown): void {
    if (this.#connection?.status !== 'ready' || this.#isRefused) return;
    this.#isRefused = true;
    this.#redis.log.warn({ cause: describeFailure(error) }, 'Redis refuses to read live text');
  }
}
