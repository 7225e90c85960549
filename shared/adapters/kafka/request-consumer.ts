import type { Batch, Consumer, EachBatchPayload } from 'kafkajs';
import { limits } from '../../contracts/index.ts';
import type { TurnLanes } from '../turn-lanes.ts';
import { type ConsumerPorts, keepConsuming } from './keep-consuming.ts';
import { MarkCommitter } from './mark-committer.ts';
import { OwnPartitions } from './own-partitions.ts';
import type { ParkMessage } from './park-message.ts';
import type { ReadGroupMarks } from './read-group-marks.ts';
import { RequestIntake } from './request-intake.ts';
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
  readonly #partitions: OwnPartitions;
  readonly #intake: RequestIntake;
  readonly #marks: MarkCommitter;
  #consumer: Consumer | undefined;
  #isPaused = false;
  #isJoined = false;
  #moved = 0;

  constructor(options: RequestConsumerOptions) {
    this.#options = options;
    const { topic, clock, lanes, park, readMarks, report } = options;
    this.#partitions = new OwnPartitions({
      clock,
      lanes,
      readMarks,
      idle: () => this.#marks.idle(),
      onMoved: () => {
        this.#moved += 1;
      },
    });
    this.#intake = new RequestIntake({ topic, lanes, park, onSettled: () => this.resumeIfLow() });
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
    return this.#partitions.positions();
  }

  /** Consumes until the signal aborts; resolves when the group is left. What waits in the lanes then is forgotten here. */
  async consume(signal: AbortSignal): Promise<void> {
    const { topic, groupId, clock } = this.#options;
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
    this.#consumer = undefined;
    this.#isPaused = false;
    this.#partitions.revokeAll();
  }

  /** Lets fetching go on once enough of what waited has been taken. */
  resumeIfLow(): void {
    if (!this.#isPaused || !this.#isJoined || this.#held > limits.kafka.resumeAtMessages) return;
    this.#isPaused = false;
    this.#consumer?.resume([{ topic: this.#options.topic }]);
  }

  /** Messages kept in memory that do not run. */
  get #held(): number {
    return this.#options.lanes.waiting + this.#intake.parking;
  }

  #join(partitions: readonly number[], consumer: Consumer): void {
    this.#consumer = consumer;
    this.#isJoined = true;
    this.#partitions.share(partitions);
    // The client forgets a pause when it begins anew by itself.
    if (this.#isPaused) consumer.pause([{ topic: this.#options.topic }]);
    this.resumeIfLow();
  }

  async #take({ batch, resolveOffset }: EachBatchPayload, consumer: Consumer): Promise<void> {
    await this.#partitions.settled;
    const offsets = this.#partitions.get(batch.partition);
    // Fetched before a sharing-out that took the partition away.
    if (!offsets) return;
    if (offsets.isBeyond(fetchedFrom(batch))) {
      consumer.seek({ topic: this.#options.topic, partition: batch.partition, offset: String(offsets.next) });
      return;
    }
    for (const message of batch.messages) this.#intake.accept(message, offsets);
    resolveOffset(batch.lastOffset());
    if (this.#held < limits.kafka.pauseAtMessages) return;
    this.#isPaused = true;
    consumer.pause([{ topic: this.#options.topic }]);
  }
}

/** The offset that a fetch asked for; the client has it on the batch and not in its types. */
function fetchedFrom(batch: Batch & { readonly fetchedOffset?: string }): number {
  return Number(batch.fetchedOffset ?? batch.firstOffset() ?? 0);
}
