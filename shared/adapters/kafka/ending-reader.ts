import type { Admin, Consumer, EachBatchPayload } from 'kafkajs';
import { limits } from '../../contracts/index.ts';
import type { TurnMessage } from '../../ports/index.ts';
import { type ConsumerPorts, keepConsuming } from './keep-consuming.ts';
import { decodeTurnMessage } from './turn-message-codec.ts';

export interface EndingReaderOptions extends ConsumerPorts {
  readonly admin: Admin;
  readonly topic: string;
  /** A group of this process alone. */
  readonly groupId: string;
  readonly onEnded: (message: TurnMessage) => void;
  readonly onUnreadable: () => void;
}

/**
 * Reads every ending from now on, whichever worker the turn was given to: after a sharing-out of the turns the one that runs a call is no
 * longer the one that its session's messages go to. Commits nothing, so the broker forgets the group with its member. Never paused: an
 * ending does not wait behind turns. One that cannot be read is reported and left out; its worker sees the end in the log within a second.
 */
export class EndingReader {
  readonly #options: EndingReaderOptions;
  /** By partition, the next offset. */
  #next = new Map<number, number>();
  #isJoined = false;

  constructor(options: EndingReaderOptions) {
    this.#options = options;
  }

  get isJoined(): boolean {
    return this.#isJoined;
  }

  /** Notes where the topic ends now: `read` begins there, however long it takes to join. Throws what the broker answers. */
  async begin(): Promise<void> {
    const ends = await this.#options.admin.fetchTopicOffsets(this.#options.topic);
    this.#next = new Map(ends.map(({ partition, high }) => [partition, Number(high)]));
  }

  /** Reads until the signal aborts; resolves when the group is left. */
  async read(signal: AbortSignal): Promise<void> {
    const { topic, groupId } = this.#options;
    await keepConsuming(
      this.#options,
      {
        topic,
        groupId,
        fromBeginning: false,
        fetchWaitMs: limits.kafka.endingsFetchWaitMs,
        onBatch: async (payload) => this.#take(payload),
        onJoined: (partitions, consumer) => this.#join(partitions, consumer),
        onUnsettled: () => {
          this.#isJoined = false;
        },
      },
      signal,
    );
  }

  #join(partitions: readonly number[], consumer: Consumer): void {
    this.#isJoined = true;
    for (const partition of partitions) {
      const next = this.#next.get(partition);
      if (next !== undefined) consumer.seek({ topic: this.#options.topic, partition, offset: String(next) });
    }
  }

  #take({ batch, resolveOffset }: EachBatchPayload): void {
    const { topic, onEnded, onUnreadable, report } = this.#options;
    const { partition } = batch;
    for (const message of batch.messages) {
      const offset = Number(message.offset);
      if (offset < (this.#next.get(partition) ?? 0)) continue;
      this.#next.set(partition, offset + 1);
      const decoded = decodeTurnMessage('ended', message);
      if (decoded.outcome === 'read') onEnded(decoded.message);
      else {
        onUnreadable();
        report({ kind: 'unreadable_ending', reason: decoded.reason, topic, partition, offset: message.offset });
      }
    }
    resolveOffset(batch.lastOffset());
  }
}
