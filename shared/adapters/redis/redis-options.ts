import type { RedisOptions } from 'ioredis';
import { limits, TurnledgerError } from '../../contracts/index.ts';

const DEFAULT_PORT = 6_379;

const wrong = (detail: string) => new TurnledgerError('config_invalid', { detail: `REDIS_URL ${detail}` });

/** Where and as whom; what ioredis would also read out of a URL (a bare host, options in its query) is refused. Names no secret. */
function addressIn(text: string): RedisOptions {
  if (!URL.canParse(text)) throw wrong('is not redis://[user:password@]host[:port][/database]');
  const url = new URL(text);
  if (url.protocol !== 'redis:' && url.protocol !== 'rediss:') throw wrong('must begin with redis:// or rediss://');
  if (url.hostname === '') throw wrong('names no host');
  if (url.search !== '' || url.hash !== '') throw wrong('takes no options after ? or #');
  const [, database] = /^\/?(\d*)$/.exec(url.pathname) ?? [];
  if (database === undefined) throw wrong('names a database that is no number');
  const { username, password } = secretsIn(url);
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? DEFAULT_PORT : Number(url.port),
    db: Number(database),
    ...(username !== '' && { username }),
    ...(password !== '' && { password }),
    ...(url.protocol === 'rediss:' && { tls: {} }),
  };
}

function secretsIn(url: URL): { readonly username: string; readonly password: string } {
  try {
    return { username: decodeURIComponent(url.username), password: decodeURIComponent(url.password) };
  } catch (cause) {
    throw new TurnledgerError('config_invalid', { detail: 'REDIS_URL has a user or password with a stray %', cause });
  }
}

/**
 * The ioredis options of a bounded connection that answers or fails: nothing is queued while it is away, nothing is sent twice, and it
 * comes back by itself. Protocol 2, which every Redis and Valkey speaks, and whose answers have one shape. Throws `config_invalid`.
 */
export function redisOptions(url: string): RedisOptions & { readonly replyMapping: 'legacy' } {
  const { connectTimeoutMs, commandTimeoutMs, silenceMs, disconnectMs, minReconnectMs, maxReconnectMs } = limits.redis;
  return {
    ...addressIn(url),
    protocol: 2,
    replyMapping: 'legacy',
    connectTimeout: connectTimeoutMs,
    commandTimeout: commandTimeoutMs,
    socketTimeout: silenceMs,
    disconnectTimeout: disconnectMs,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    disableClientInfo: true,
    retryStrategy: (times) => Math.min(minReconnectMs * 2 ** Math.min(times - 1, 10), maxReconnectMs),
  };
}
