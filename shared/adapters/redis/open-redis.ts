import { once } from 'node:events';
import { Redis } from 'ioredis';
import { limits, TurnledgerError } from '../../contracts/index.ts';
import type { Clock } from '../../ports/index.ts';
import { describeFailure, refusalOf } from './redis-failure.ts';
import { redisOptions } from './redis-options.ts';

/** What an adapter here says to an operator; the process's log fits. */
export interface RedisLog {
  info(facts: object, sentence: string): void;
  warn(facts: object, sentence: string): void;
}

export interface OpenRedisOptions {
  /** `redis://[user:password@]host[:port][/database]`, or `rediss://` for TLS. */
  readonly url: string;
  readonly clock: Clock;
  readonly log: RedisLog;
  /** Put before every key, so that products, or tests, share a server; default `turnledger:`. */
  readonly prefix?: string;
}

/** Whether commands are answered at the moment, and since when (wall clock, milliseconds). */
export interface RedisReadiness {
  readonly isReady: boolean;
  readonly sinceMs: number;
}

/** A Redis as the adapters here share it: one connection for commands, and one more for each reader that blocks. */
export interface RedisStore {
  /** A command is answered within limits.redis.commandTimeoutMs or throws; at once while the connection is away. */
  readonly commands: Redis;
  readonly prefix: string;
  readonly clock: Clock;
  readonly log: RedisLog;
  /** Aborts when the store is closed. */
  readonly closed: AbortSignal;
  readiness(): RedisReadiness;
  /** A further connection, whose commands may block for limits.redis.blockMs; closed with the store. */
  connectReader(): Redis;
  /** Cuts all connections; what is under way on them throws. */
  close(): Promise<void>;
}

/**
 * Opens a Redis, and waits for its first word, at most some 2.5 s (limits.redis).
 *
 * One that is absent, starting or silent does not keep a process from starting: what is in it is a hint, so the store opens as not ready,
 * says so in one line, and connects as soon as it can; each later outage is one line too, and its end another. Throws `config_invalid`
 * where waiting would not help: a URL that is none, credentials or a database that the server refuses, a server that is no Redis.
 */
export async function openRedis({ url, clock, log, prefix = 'turnledger:' }: OpenRedisOptions): Promise<RedisStore> {
  const options = redisOptions(url);
  const commands = new Redis({ ...options, lazyConnect: true });
  const connections = new Set([commands]);
  const watch = watchConnection(commands, clock, log);
  const closing = new AbortController();
  const close = async () => {
    watch.stop();
    closing.abort();
    await Promise.all([...connections].map(cut));
    connections.clear();
  };
  // Resolved by the first `ready`, rejected by the first `close`; why is in the error before it.
  await commands.connect().catch(() => {});
  const refusal = watch.refusal();
  if (refusal !== undefined) {
    await close();
    throw new TurnledgerError('config_invalid', { detail: `REDIS_URL: ${refusal}` });
  }
  watch.report();
  return {
    commands,
    prefix,
    clock,
    log,
    closed: closing.signal,
    readiness: watch.readiness,
    connectReader() {
      const { blockMs, silenceMs } = limits.redis;
      const { commandTimeout: _none, ...unbounded } = options;
      const reader = new Redis({ ...unbounded, socketTimeout: blockMs + silenceMs });
      // The connection for commands goes to the same server, and has said what there is to say.
      reader.on('error', () => {});
      connections.add(reader);
      return reader;
    },
    close,
  };
}

/** Follows a connection's state, and once it is told to report tells the log of each outage once, and once of its end. */
function watchConnection(redis: Redis, clock: Clock, log: RedisLog) {
  let readiness: RedisReadiness = { isReady: false, sinceMs: clock.nowMs() };
  let isReporting = false;
  let isReported = false;
  let refusal: string | undefined;
  let failure: unknown = 'the connection was closed';
  const reportAway = () => {
    if (!isReporting || isReported) return;
    isReported = true;
    log.warn({ cause: describeFailure(failure) }, 'Redis is away; live text and warm caches wait until it is back');
  };
  redis.on('error', (error) => {
    failure = error;
    refusal ??= refusalOf(error);
  });
  redis.on('ready', () => {
    const nowMs = clock.nowMs();
    if (isReported) log.info({ awayMs: nowMs - readiness.sinceMs }, 'Redis is back');
    isReported = false;
    failure = 'the connection was closed';
    readiness = { isReady: true, sinceMs: nowMs };
  });
  redis.on('close', () => {
    if (readiness.isReady) readiness = { isReady: false, sinceMs: clock.nowMs() };
    reportAway();
  });
  return {
    readiness: () => readiness,
    /** Why the server will never let us in, if it has said so. */
    refusal: () => refusal,
    report() {
      isReporting = true;
      if (!readiness.isReady) reportAway();
    },
    stop() {
      isReporting = false;
    },
  };
}

/** Closes a connection without a goodbye, which a server that has stopped would never answer. */
async function cut(redis: Redis): Promise<void> {
  const { stream } = redis;
  redis.disconnect();
  if (!stream || stream.closed) return;
  const closed = once(stream, 'close');
  stream.destroy();
  await closed;
}
