import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import { limits } from '../../contracts/index.ts';
import type { Clock } from '../../ports/index.ts';
import type { ReportNotice } from './kafka-notice.ts';
import { withinMs } from './within-ms.ts';

const { sessionTimeoutMs, heartbeatMs, rebalanceTimeoutMs, maxBytesPerPartition, maxFetchBytes, reopenMs } =
  limits.kafka;

export interface ConsumerPorts {
  readonly kafka: Kafka;
  readonly clock: Clock;
  readonly report: ReportNotice;
}

export interface ConsumerPlan {
  readonly topic: string;
  readonly groupId: string;
  /** Where a partition begins of which nothing was committed. */
  readonly fromBeginning: boolean;
  readonly fetchWaitMs: number;
  /** Must return at once: a slow one holds up all partitions of a broker. It says itself, by `resolveOffset`, what it took. */
  readonly onBatch: (payload: EachBatchPayload, consumer: Consumer) => Promise<void>;
  /** Told of the partitions each time the group has shared them out; before the first batch of that sharing. */
  readonly onJoined: (partitions: readonly number[], consumer: Consumer) => void;
  /** Told when they are about to be shared out again, or this consumer has left. */
  readonly onUnsettled?: (consumer: Consumer) => void;
  /** Called before the group is left by will; at most limits.kafka.closeTimeoutMs. */
  readonly onLeaving?: (consumer: Consumer) => Promise<void>;
}

/**
 * A consumer that is there until the signal aborts: the client's own restarts, and a new consumer after limits.kafka.reopenMs where the
 * client gives up. Offsets are committed by whoever calls. Resolves when the group is left, which takes three times
 * limits.kafka.closeTimeoutMs at most and some 0.1 s as a rule.
 */
export async function keepConsuming(ports: ConsumerPorts, plan: ConsumerPlan, signal: AbortSignal): Promise<void> {
  const { clock, report } = ports;
  while (!signal.aborted) {
    const consumer = createConsumer(ports.kafka, plan);
    const life = new ConsumerLife(consumer, plan);
    try {
      await life.serve(signal);
      // The client's stop does nothing to a consumer that is about to join: it would join afterwards and hold its share for ever.
      await withinMs(life.steady, limits.kafka.closeTimeoutMs, clock);
      await clock.sleep(1);
      await plan.onLeaving?.(consumer);
    } catch (cause) {
      report({ kind: 'consumer_failed', topic: plan.topic, cause });
    }
    plan.onUnsettled?.(consumer);
    await withinMs(consumer.disconnect(), limits.kafka.closeTimeoutMs, clock);
    await clock.sleep(reopenMs, signal);
  }
}

function createConsumer(kafka: Kafka, { groupId, fetchWaitMs }: ConsumerPlan): Consumer {
  return kafka.consumer({
    groupId,
    sessionTimeout: sessionTimeoutMs,
    heartbeatInterval: heartbeatMs,
    rebalanceTimeout: rebalanceTimeoutMs,
    maxWaitTimeInMs: fetchWaitMs,
    maxBytesPerPartition,
    maxBytes: maxFetchBytes,
    allowAutoTopicCreation: false,
  });
}

/** One consumer of the client, from its creation to the abort or to the client's giving it up. */
class ConsumerLife {
  readonly #consumer: Consumer;
  readonly #plan: ConsumerPlan;
  readonly #givenUp: Promise<never>;
  #onSteady: () => void = () => {};
  #steady: Promise<void> = Promise.resolve();

  constructor(consumer: Consumer, plan: ConsumerPlan) {
    this.#consumer = consumer;
    this.#plan = plan;
    const { GROUP_JOIN, REBALANCING, CRASH } = consumer.events;
    consumer.on(GROUP_JOIN, ({ payload }) => {
      this.#onSteady();
      plan.onJoined(payload.memberAssignment[plan.topic] ?? [], consumer);
    });
    consumer.on(REBALANCING, () => plan.onUnsettled?.(consumer));
    this.#givenUp = new Promise((_, reject) => {
      consumer.on(CRASH, ({ payload: { error, restart } }) => {
        plan.onUnsettled?.(consumer);
        if (restart) this.#begin();
        else reject(error);
      });
    });
    this.#givenUp.catch(() => this.#onSteady());
  }

  /** Resolves when the consumer is not on its way into the group. */
  get steady(): Promise<void> {
    return this.#steady;
  }

  /** Resolves after the abort; rejects when the client has given up. */
  async serve(signal: AbortSignal): Promise<void> {
    this.#begin();
    const stop = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true });
      if (signal.aborted) resolve();
    });
    const running = this.#run();
    running.catch(() => this.#onSteady());
    await Promise.race([running.then(() => stop), stop, this.#givenUp]);
  }

  #begin(): void {
    this.#onSteady();
    this.#steady = new Promise((resolve) => {
      this.#onSteady = resolve;
    });
  }

  async #run(): Promise<void> {
    const { topic, fromBeginning, onBatch } = this.#plan;
    await this.#consumer.connect();
    await this.#consumer.subscribe({ topics: [topic], fromBeginning });
    await this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: (payload) => onBatch(payload, this.#consumer),
    });
  }
}
