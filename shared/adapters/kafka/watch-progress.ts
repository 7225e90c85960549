import type { Admin } from 'kafkajs';
import { limits } from '../../contracts/index.ts';
import type { Clock } from '../../ports/index.ts';
import { StallWatch } from './stall-watch.ts';

/** Why a process should end itself: its consumer has stopped without an error. */
export interface StallFacts {
  /** Messages that the broker has for this process. */
  readonly lag: number;
  readonly stillMs: number;
  readonly isJoined: boolean;
}

/** A consumer as the watchdog sees it. */
export interface WatchedConsumer {
  readonly moved: number;
  readonly isPaused: boolean;
  readonly isJoined: boolean;
  positions(): ReadonlyMap<number, number | undefined>;
}

export interface ProgressOptions {
  readonly admin: Admin;
  readonly clock: Clock;
  readonly topic: string;
  readonly groupId: string;
  readonly consumer: WatchedConsumer;
  readonly onStalled: (facts: StallFacts) => void;
  readonly onLag: (lag: number | undefined) => void;
}

/**
 * Asks the broker every limits.kafka.watchIntervalMs for the end of each partition, and says so, once, when messages wait there and nothing
 * has moved for limits.kafka.stalledAfterMs. A broker that does not answer is no fault of the consumer's: time counts only while it does.
 */
export async function watchProgress(options: ProgressOptions, signal: AbortSignal): Promise<void> {
  const { clock, consumer, onLag, onStalled } = options;
  const watch = new StallWatch();
  for (;;) {
    await clock.sleep(limits.kafka.watchIntervalMs, signal);
    if (signal.aborted) return;
    const lag = await lagOf(options).catch(() => undefined);
    onLag(lag);
    const { moved, isPaused: isBusy, isJoined } = consumer;
    const stillMs = watch.look({ nowMs: clock.monotonicMs(), lag: lag ?? 0, moved, isBusy });
    if (stillMs === undefined) continue;
    onStalled({ lag: lag ?? 0, stillMs, isJoined });
    return;
  }
}

/** Of our partitions while we have joined; of all the group's while we should have. */
async function lagOf({ admin, topic, groupId, consumer }: ProgressOptions): Promise<number> {
  const ends = await admin.fetchTopicOffsets(topic);
  const positions = consumer.positions();
  const [committed] = await admin.fetchOffsets({ groupId, topics: [topic] });
  let lag = 0;
  for (const { partition, high, low } of ends) {
    if (consumer.isJoined && !positions.has(partition)) continue;
    const known = Number(committed?.partitions.find((one) => one.partition === partition)?.offset ?? -1);
    const next = positions.get(partition) ?? (known >= 0 ? known : Number(low));
    lag += Math.max(0, Number(high) - next);
  }
  return lag;
}
