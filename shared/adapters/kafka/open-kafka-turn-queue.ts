import { limits, TurnledgerError, topicNames } from '../../contracts/index.ts';
import type { Clock, Ids, TurnMessage, TurnQueue } from '../../ports/index.ts';
import { TurnLanes } from '../turn-lanes.ts';
import { consumeTurns, type TurnConsumption } from './consume-turns.ts';
import { ensureTopics, type TopicShape } from './ensure-topics.ts';
import { type KafkaConnection, kafkaClient } from './kafka-connection.ts';
import { refusalOf } from './kafka-failure.ts';
import type { ReportNotice } from './kafka-notice.ts';
import { MessageSender } from './message-sender.ts';
import { encodeTurnMessage } from './turn-message-codec.ts';
import type { StallFacts } from './watch-progress.ts';
import { withinMs } from './within-ms.ts';

export interface KafkaTurnQueueOptions {
  readonly connection: KafkaConnection;
  /** Names of topics and groups begin with the prefix, as it is: `turnledger.` for one. */
  readonly topics: TopicShape & { readonly prefix: string };
  readonly clock: Clock;
  readonly ids: Ids;
  /** Told of a handler that threw; the message is dropped. Must not throw itself. */
  readonly onError: (error: unknown, message: TurnMessage) => void;
  /** Told what an operator may want to know. Must not throw. */
  readonly report: ReportNotice;
  /** Told once that the consumer stands still though turns wait for it: only a new process is known to help. */
  readonly onStalled: (facts: StallFacts) => void;
}

/** Where the queue stands, for health and metrics. */
export interface KafkaQueueStatus {
  /** The broker has answered and the topics are there. */
  readonly isOpen: boolean;
  /** This process has its share of the turns; of a process that only enqueues never true. */
  readonly isJoined: boolean;
  /** It fetches no more, since enough waits here. */
  readonly isPaused: boolean;
  readonly waiting: number;
  readonly running: number;
  /** Messages that could not be read, since the start, endings too; and those whose turn the log did not have. */
  readonly unreadable: number;
  /** Turns that the broker has for this process; undefined when it does not say. */
  readonly lag: number | undefined;
}

export interface KafkaTurnQueue extends TurnQueue {
  /** Resolves once messages can be taken; rejects with `config_invalid` for what no waiting will change, `store_unavailable` at a close. */
  readonly opened: Promise<void>;
  status(): KafkaQueueStatus;
  /** Throws while the broker does not answer. */
  probe(): Promise<void>;
  /** Ends a consumer's queue too, but does not wait for its handlers: abort its signal first. At most limits.kafka.closeTimeoutMs. */
  close(): Promise<void>;
}

/**
 * The turn queue over Kafka: turns on a topic that the workers share, endings on one that each of them reads whole.
 *
 * Returns at once and connects in the background, for as long as it takes. `enqueue` resolves when all in-sync replicas have every message
 * and rejects with `store_unavailable` after some 95 s without that. `consume` survives the loss of the broker; it hands a message out
 * again after a death, a sharing-out or a repeated send, so a handler decides on the stream. `depth` counts what waits in this process.
 * Bounds: limits.kafka.
 */
export function openKafkaTurnQueue(options: KafkaTurnQueueOptions): KafkaTurnQueue {
  const { connection, topics, clock, ids, onError, report, onStalled } = options;
  const names = topicNames(topics.prefix);
  const kafka = kafkaClient(connection, { clock, report, retries: limits.kafka.retries });
  // Who asks with it begins again, and says so, where the other would be silent for 95 s.
  const asking = kafkaClient(connection, { clock, report, retries: limits.kafka.askingRetries });
  const admin = asking.admin();
  const sender = new MessageSender(kafka);
  const closing = new AbortController();
  let consumption: TurnConsumption | undefined;
  let isOpen = false;
  const lanes = new TurnLanes({ onError, onTaken: () => consumption?.resumeIfLow() });

  const opening = openUntil(closing.signal, clock, report, async () => {
    await ensureTopics(asking, names, topics, report);
    await Promise.all([admin.connect(), sender.connect()]);
  }).then(() => {
    isOpen = true;
  });
  // A broker that accepts and says nothing may hold the client for longer than whoever closes it waits.
  const opened = Promise.race([opening, refusedAtAbort(closing.signal)]);
  opened.catch(() => undefined);

  return {
    opened,
    async enqueue(messages) {
      await opened;
      await sender.send(messages.map((message) => ({ topic: names[message.kind], ...encodeTurnMessage(message) })));
    },
    async consume(given) {
      if (consumption?.isRunning())
        throw new TurnledgerError('invariant_broken', { detail: 'The turn queue has a consumer already' });
      const signal = AbortSignal.any([given.signal, closing.signal]);
      const ports = { kafka, admin, sender, clock, ids, report, opened, lanes, names, onStalled };
      consumption = consumeTurns(ports, { ...given, signal });
      await consumption.ended;
    },
    depth: () => lanes.waiting,
    status: () => ({
      isOpen,
      isJoined: consumption?.isJoined() ?? false,
      isPaused: consumption?.isPaused() ?? false,
      waiting: lanes.waiting,
      running: lanes.running,
      unreadable: consumption?.unreadable() ?? 0,
      lag: consumption?.lag(),
    }),
    probe: async () => void (await admin.fetchTopicMetadata({ topics: [names.requested] })),
    async close() {
      closing.abort();
      const left = opening.catch(() => undefined).then(() => Promise.all([sender.close(), admin.disconnect()]));
      await withinMs(Promise.all([left, sender.close()]), limits.kafka.closeTimeoutMs, clock);
    },
  };
}

/** Tries until it works, for as long as that takes: a process starts before its broker as well as after it. */
async function openUntil(
  signal: AbortSignal,
  clock: Clock,
  report: ReportNotice,
  open: () => Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    try {
      return await open();
    } catch (cause) {
      const refusal = refusalOf(cause);
      if (refusal !== undefined) throw new TurnledgerError('config_invalid', { detail: refusal, cause });
      report({ kind: 'unreachable', cause });
      await clock.sleep(limits.kafka.reopenMs, signal);
    }
  }
}

const refusedAtAbort = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const refuse = () => reject(new TurnledgerError('store_unavailable', { detail: 'the turn queue is closed' }));
    signal.addEventListener('abort', refuse, { once: true });
  });
