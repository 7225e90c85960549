import type { KafkaMessage } from 'kafkajs';
import { limits } from '../../contracts/index.ts';
import type { Clock } from '../../ports/index.ts';
import { type KafkaConnection, kafkaClient } from './kafka-connection.ts';
import type { ReportNotice } from './kafka-notice.ts';
import { keepConsuming } from './keep-consuming.ts';

export interface TopicReading {
  readonly connection: KafkaConnection;
  readonly topic: string;
  /** Of a group that nobody else is in. */
  readonly groupId: string;
  readonly clock: Clock;
  readonly report: ReportNotice;
  readonly onMessage: (message: KafkaMessage, partition: number) => void;
  /** Ends the reading where it is. */
  readonly signal: AbortSignal;
}

/**
 * Shows each message that a topic holds now, once, a partition's in their order: for tools that look. It is a group of its own and commits
 * nothing, so no worker's share changes. What is written meanwhile is left out. Throws what the broker answers when it is asked where the
 * topic ends; a broker that goes away later is waited for until the signal aborts.
 */
export async function readTopic({
  connection,
  topic,
  groupId,
  onMessage,
  signal,
  ...ports
}: TopicReading): Promise<void> {
  const kafka = kafkaClient(connection, { ...ports, retries: limits.kafka.askingRetries });
  const admin = kafka.admin();
  await admin.connect();
  const offsets = await admin.fetchTopicOffsets(topic).finally(() => admin.disconnect());
  /** By partition, what comes next and where to stop; those with nothing left are taken out. */
  const left = new Map(
    offsets
      .map(({ partition, low, high }): [number, { next: number; end: number }] => [
        partition,
        { next: Number(low), end: Number(high) },
      ])
      .filter(([, { next, end }]) => next < end),
  );
  if (left.size === 0) return;
  const done = new AbortController();
  await keepConsuming(
    { kafka, ...ports },
    {
      topic,
      groupId,
      fromBeginning: true,
      fetchWaitMs: limits.kafka.endingsFetchWaitMs,
      onJoined: () => undefined,
      onBatch: async ({ batch, resolveOffset }) => {
        const place = left.get(batch.partition);
        resolveOffset(batch.lastOffset());
        if (!place) return;
        for (const message of batch.messages) {
          const offset = Number(message.offset);
          // A consumer that had to begin anew gets everything again.
          if (offset < place.next || offset >= place.end) continue;
          place.next = offset + 1;
          onMessage(message, batch.partition);
        }
        if (Number(batch.lastOffset()) + 1 >= place.end) left.delete(batch.partition);
        if (left.size === 0) done.abort();
      },
    },
    AbortSignal.any([signal, done.signal]),
  );
}
