import type { Admin } from 'kafkajs';
import { limits, Standstill } from '../../contracts/index.ts';
import type { Clock } from '../../ports/index.ts';

/** Why a process should end itself: its consumer has stopped without an error. */
export interface StallFacts {
  /** Messages that the broker has for this process. */
  readonly lag: number;
  readonly stillMs: number;
  readonly isJoined: boolean;
}

/** A consumer as the watchdog sees it. */
export interface WatchedConsumer {
  /** Rises with each message that comes and each that is done with. */
  readonly moved: number;
  /** It does not fetch since enough waits here: long turns have all slots. */
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

const { watchIntervalMs, stalledAfterMs, stalledBusyMs } = limits.kafka;

/**
 * Tells a consumer that has stopped without an error, which this client's can, from one with nothing to do or with long turns at hand: asks
 * the broker every limits.kafka.watchIntervalMs for the end of each partition, and says so, once, when messages wait there and nothing has
 * moved for limits.kafka.stalledAfterMs, or stalledBusyMs while it does not fetch. A broker that does not answer is no fault of the
 * consumer's: time counts only while it does.
 */
export async function watchProgress(options: ProgressOptions, signal: AbortSignal): Promise<void> {
  const { clock, consumer, onLag, onStalled } = options;
  const standstill = new Standstill(2 * watchIntervalMs);
  for (;;) {
    await clock.sleep(watchIntervalMs, signal);
    if (signal.aborted) return;
    const lag = await lagOf(options).catch(() => undefined);
    onLag(lag);
    const { moved, isPaused, isJoined } = consumer;
    const stillMs = standstill.look({ nowMs: clock.monotonicMs(), isBehind: (lag ?? 0) > 0, place: moved });
    if (stillMs < (isPaused ? stalledBusyMs : stalledAfterMs)) continue;
    return onStalled({ lag: lag ?? 0, stillMs, isJoined });
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
