import type { Batch, Consumer, EachBatchPayload, KafkaMessage } from 'kafkajs';
import { limits } from '../../contracts/index.ts';
import type { TurnLanes } from '../turn-lanes.ts';
import { type ConsumerPorts, keepConsuming } from './keep-consuming.ts';
import { MarkCommitter } from './mark-committer.ts';
import type { ParkMessage } from './park-message.ts';
import { PartitionOffsets } from './partition-offsets.ts';
import type { ReadGroupMarks } from './read-group-marks.ts';
import { decodeTurnMessage } from './turn-message-codec.ts';
import { withinMs } from './within-ms.ts';

export interface RequestConsumerOptions extends ConsumerPorts {
  readonly topic: string;
  readonly groupId: string;
  readonly lanes: TurnLanes;
  readonly park: ParkMessage;
  readonly readMarks: ReadGroupMarks;
}

/**
 * The workers' consumer of turns that want one: hands each message to its session's lane and returns, so that no turn holds up the
 * partition, and commits what is handled (a low watermark and what is done above it) every limits.kafka.commitIntervalMs, before the
 * partitions are shared out again and before it leaves.
 *
 * At least once: after a death what was not committed comes again, to another worker after the session timeout of 6 s. After a sharing-out
 * this process goes on with the partitions it kept, forgets what waited of those it lost, and lets what runs of them run: the claim in the
 * log decides between it and their new owner. With limits.kafka.pauseAtMessages waiting it fetches no more until resumeAtMessages.
 */
export class RequestConsumer {
  readonly #options: RequestConsumerOptions;
  readonly #partitions = new Map<number, PartitionOffsets>();
  readonly #marks: MarkCommitter;
  /** Settles when the partitions of the newest sharing-out are known with their marks. */
  #settled: Promise<void> = Promise.resolve();
  #consumer: Consumer | undefined;
  /** Counts the sharings-out: what was asked under an earlier one is of no use. */
  #sharing = 0;
  #isPaused = false;
  #isJoined = false;
  #parking = 0;
  #moved = 0;

  constructor(options: RequestConsumerOptions) {
    this.#options = options;
    const { topic, clock, report } = options;
    this.#marks = new MarkCommitter({
      topic,
      clock,
      report,
      partitions: () => this.#partitions.values(),
      consumer: () => this.#consumer,
      isJoined: () => this.#isJoined,
    });
  }

  get isJoined(): boolean {
    return this.#isJoined;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Rises with each message that comes and each that is done with. */
  get moved(): number {
    return this.#moved;
  }

  /** The next offset of each partition of ours; undefined where none has come yet. */
  positions(): ReadonlyMap<number, number | undefined> {
    return new Map([...this.#partitions.values()].map(({ partition, next }) => [partition, next]));
  }

  /** Consumes until the signal aborts; resolves when the group is left. What waits in the lanes then is forgotten here. */
  async consume(signal: AbortSignal): Promise<void> {
    const { topic, groupId, clock, lanes } = this.#options;
    const stopped = new AbortController();
    const committing = this.#marks.commitRegularly(stopped.signal);
    await keepConsuming(
      this.#options,
      {
        topic,
        groupId,
        fromBeginning: true,
        fetchWaitMs: limits.kafka.fetchWaitMs,
        onBatch: (payload, consumer) => this.#take(payload, consumer),
        onJoined: (partitions, consumer) => this.#join(partitions, consumer),
        onUnsettled: () => {
          // The old sharing-out still takes commits until the new one is made.
          void this.#marks.commit();
          this.#isJoined = false;
        },
        onLeaving: () => withinMs(this.#marks.commit(), limits.kafka.closeTimeoutMs, clock),
      },
      signal,
    );
    stopped.abort();
    await committing;
    this.#sharing += 1;
    this.#consumer = undefined;
    this.#isPaused = false;
    for (const [partition] of this.#partitions) this.#revoke(partition);
    lanes.dropRevoked();
  }

  /** Lets fetching go on once enough of what waited has been taken. */
  resumeIfLow(): void {
    if (!this.#isPaused || !this.#isJoined || this.#held > limits.kafka.resumeAtMessages) return;
    this.#isPaused = false;
    this.#consumer?.resume([{ topic: this.#options.topic }]);
  }

  /** Messages kept in memory that do not run. */
  get #held(): number {
    return this.#options.lanes.waiting + this.#parking;
  }

  #join(partitions: readonly number[], consumer: Consumer): void {
    this.#consumer = consumer;
    this.#isJoined = true;
    for (const partition of this.#partitions.keys()) if (!partitions.includes(partition)) this.#revoke(partition);
    this.#options.lanes.dropRevoked();
    this.#sharing += 1;
    this.#settled = this.#settle(partitions, this.#sharing);
    // The client forgets a pause when it begins anew by itself.
    if (this.#isPaused) consumer.pause([{ topic: this.#options.topic }]);
    this.resumeIfLow();
  }

  /** A partition is still ours as it was only if the group stands where we left it: it may have been somebody else's in between. */
  async #settle(partitions: readonly number[], sharing: number): Promise<void> {
    // A commit that was under way tells where we left it; without its answer the partition would look like somebody else's.
    await withinMs(this.#marks.idle(), limits.kafka.restoreTimeoutMs, this.#options.clock);
    const marks = await this.#options.readMarks(partitions);
    if (this.#sharing !== sharing) return;
    for (const partition of partitions) {
      const mark = marks?.get(partition);
      const kept = this.#partitions.get(partition);
      if (kept && (marks === undefined || mark?.offset === kept.committedOffset)) continue;
      this.#revoke(partition);
      this.#partitions.set(partition, new PartitionOffsets(partition, mark, () => this.#onMoved()));
    }
    this.#options.lanes.dropRevoked();
  }

  #revoke(partition: number): void {
    this.#partitions.get(partition)?.revoke();
    this.#partitions.delete(partition);
  }

  async #take({ batch, resolveOffset }: EachBatchPayload, consumer: Consumer): Promise<void> {
    await this.#settled;
    const offsets = this.#partitions.get(batch.partition);
    // Fetched before a sharing-out that took the partition away.
    if (!offsets) return;
    if (offsets.isBeyond(fetchedFrom(batch))) {
      const { topic } = this.#options;
      return consumer.seek({ topic, partition: batch.partition, offset: String(offsets.next) });
    }
    for (const message of batch.messages) this.#accept(message, offsets);
    resolveOffset(batch.lastOffset());
    if (this.#held < limits.kafka.pauseAtMessages) return;
    this.#isPaused = true;
    consumer.pause([{ topic: this.#options.topic }]);
  }

  #accept(message: KafkaMessage, offsets: PartitionOffsets): void {
    const { lanes, park, topic } = this.#options;
    const delivery = offsets.take(Number(message.offset));
    if (!delivery) return;
    const decoded = decodeTurnMessage('requested', message);
    if (decoded.outcome === 'read') {
      lanes.add(decoded.message, delivery);
      return;
    }
    const place = { topic, partition: offsets.partition, offset: message.offset };
    this.#parking += 1;
    void park(message, place, decoded.reason).then((isParked) => {
      this.#parking -= 1;
      if (isParked) delivery.onHandled();
      this.resumeIfLow();
    });
  }

  #onMoved(): void {
    this.#moved += 1;
  }
}

/** The offset that a fetch asked for; the client has it on the batch and not in its types. */
function fetchedFrom(batch: Batch & { readonly fetchedOffset?: string }): number {
  return Number(batch.fetchedOffset ?? batch.firstOffset() ?? 0);
}
