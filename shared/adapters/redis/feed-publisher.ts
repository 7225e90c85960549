import { limits } from '../../contracts/index.ts';
import type { FeedMessage } from '../../ports/index.ts';
import { feedKey } from './feed-messages.ts';
import type { RedisStore } from './open-redis.ts';
import { describeFailure } from './redis-failure.ts';

/**
 * Adds messages, each to its turn's stream under its own id: Redis refuses one that is not above the newest, which is the fence, and then
 * the stream's life is not prolonged either. A script, so that no stream is ever left without an end to its life.
 */
const addMessages = `
for index, key in ipairs(KEYS) do
  local at = index * 4 - 2
  local added = redis.pcall('XADD', key, 'MAXLEN', '~', ARGV[1], ARGV[at] .. '-0', 'k', ARGV[at + 1], 'p', ARGV[at + 2])
  if type(added) == 'string' then
    redis.call('PEXPIRE', key, ARGV[at + 3])
  elseif not string.find(added.err, 'equal or smaller', 1, true) then
    return redis.error_reply(added.err)
  end
end`;

interface Sending {
  readonly turnId: string;
  readonly message: FeedMessage;
  readonly settle: () => void;
}

/**
 * Sends messages to their turns' streams; those of one tick of the event loop go in one command.
 *
 * A message is sent once. Where Redis is away it is dropped at once, where Redis is silent after limits.redis.commandTimeoutMs (it may then
 * still arrive), and likewise while limits.redis.maxSendingBytes are under way: a reader sees the gap in the ids.
 */
export class FeedPublisher {
  readonly #redis: RedisStore;
  #waiting: Sending[] = [];
  #sendingBytes = 0;
  #isRefused = false;

  constructor(redis: RedisStore) {
    this.#redis = redis;
  }

  /** Payloads that are on their way, for health and metrics. */
  get sendingBytes(): number {
    return this.#sendingBytes;
  }

  /** Resolves when the message is there or given up. Never throws. */
  publish(turnId: string, message: FeedMessage): Promise<void> {
    const bytes = Buffer.byteLength(message.payload);
    const isRoom = this.#sendingBytes + bytes <= limits.redis.maxSendingBytes;
    if (this.#redis.commands.status !== 'ready' || !isRoom) return Promise.resolve();
    this.#sendingBytes += bytes;
    return new Promise((resolve) => {
      const settle = () => {
        this.#sendingBytes -= bytes;
        resolve();
      };
      this.#waiting.push({ turnId, message, settle });
      if (this.#waiting.length === 1) setImmediate(() => this.#sendWaiting());
    });
  }

  #sendWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    const { maxBatchMessages } = limits.redis;
    for (let from = 0; from < waiting.length; from += maxBatchMessages)
      void this.#send(waiting.slice(from, from + maxBatchMessages));
  }

  async #send(batch: readonly Sending[]): Promise<void> {
    const { commands, prefix, log } = this.#redis;
    const { keepAfterEndMs, keepIdleMs } = limits.feed;
    const keys = batch.map(({ turnId }) => feedKey(prefix, turnId));
    const values = batch.flatMap(({ message: { id, kind, payload } }) => [
      id,
      kind,
      payload,
      kind === 'ended' ? keepAfterEndMs : keepIdleMs,
    ]);
    try {
      await commands.eval(addMessages, keys.length, ...keys, limits.redis.maxMessagesPerTurn, ...values);
      this.#isRefused = false;
    } catch (error) {
      // A connection that is lost or silent is reported where it is watched; what is left is a refusal: no memory, no permission.
      if (commands.status === 'ready' && isReply(error) && !this.#isRefused) {
        this.#isRefused = true;
        log.warn({ cause: describeFailure(error) }, 'Redis refuses live text');
      }
    } finally {
      for (const { settle } of batch) settle();
    }
  }
}

const isReply = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'name' in error && error.name === 'ReplyError';
