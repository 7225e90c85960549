import type { Kafka } from 'kafkajs';
import { limits, type TopicNames } from '../../contracts/index.ts';
import type { ReportNotice } from './kafka-notice.ts';

export interface TopicShape {
  /** At most so many workers share the turns. */
  readonly partitions: number;
  /** Copies of each partition, on as many brokers. */
  readonly replicationFactor: number;
}

/** With three copies two must have a message before it counts as acknowledged; with fewer, one broker's end would stop everything. */
const minInSyncReplicas = (replicationFactor: number): number => (replicationFactor >= 3 ? 2 : 1);

/**
 * Makes the topics that are not there: a send to an unknown one would take 11.8 s to fail. What is there is taken as it is; fewer
 * partitions than wanted are reported, since adding some would move sessions between partitions and break their order. Throws what the
 * broker answers; another process that makes them at the same moment is no error.
 */
export async function ensureTopics(
  kafka: Kafka,
  names: TopicNames,
  { partitions, replicationFactor }: TopicShape,
  report: ReportNotice,
): Promise<void> {
  const wanted = [
    { topic: names.requested, numPartitions: partitions, retentionMs: limits.kafka.retentionMs },
    { topic: names.ended, numPartitions: partitions, retentionMs: limits.kafka.retentionMs },
    { topic: names.parked, numPartitions: 1, retentionMs: limits.kafka.parkedRetentionMs },
  ];
  const admin = kafka.admin();
  try {
    await admin.connect();
    const present = new Set(await admin.listTopics());
    for (const { topic, numPartitions, retentionMs } of wanted) {
      if (present.has(topic)) continue;
      const configEntries = [
        { name: 'retention.ms', value: String(retentionMs) },
        { name: 'min.insync.replicas', value: String(minInSyncReplicas(replicationFactor)) },
      ];
      await admin.createTopics({ topics: [{ topic, numPartitions, replicationFactor, configEntries }] });
    }
    const { topics } = await admin.fetchTopicMetadata({ topics: wanted.map(({ topic }) => topic) });
    for (const { topic, numPartitions } of wanted) {
      const found = topics.find(({ name }) => name === topic)?.partitions.length ?? 0;
      if (found < numPartitions) report({ kind: 'fewer_partitions', topic, found, wanted: numPartitions });
    }
  } finally {
    await admin.disconnect();
  }
}
