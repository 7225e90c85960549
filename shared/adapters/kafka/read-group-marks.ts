import type { Admin } from 'kafkajs';
import { limits } from '../../contracts/index.ts';
import type { Clock } from '../../ports/index.ts';
import type { HandledMark } from './handled-offsets.ts';
import { withinMs } from './within-ms.ts';

/** Where the group stands in each partition it has committed; undefined when the broker does not say in time. */
export type ReadGroupMarks = (partitions: readonly number[]) => Promise<ReadonlyMap<number, HandledMark> | undefined>;

/**
 * Asks the broker for the group's marks with their metadata, which the client's consumer keeps to itself. Waits at most
 * limits.kafka.restoreTimeoutMs, since no heartbeat is sent meanwhile; without the marks messages may come again.
 */
export function groupMarksReader(admin: Admin, clock: Clock, groupId: string, topic: string): ReadGroupMarks {
  return async (partitions) => {
    if (partitions.length === 0) return new Map();
    let marks: ReadonlyMap<number, HandledMark> | undefined;
    const reading = admin.fetchOffsets({ groupId, topics: [topic] }).then((topics) => {
      const found = topics.find((one) => one.topic === topic)?.partitions ?? [];
      marks = new Map(
        found
          .filter(({ offset }) => Number(offset) >= 0)
          .map(({ partition, offset, metadata }) => [partition, { offset: Number(offset), metadata: metadata ?? '' }]),
      );
    });
    await withinMs(reading, limits.kafka.restoreTimeoutMs, clock);
    return marks;
  };
}
