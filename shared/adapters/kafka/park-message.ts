import type { KafkaMessage } from 'kafkajs';
import { limits, type ParkReason } from '../../contracts/index.ts';
import type { Clock } from '../../ports/index.ts';
import type { MessagePlace, ReportNotice } from './kafka-notice.ts';
import type { MessageSender } from './message-sender.ts';

/** What of a message is put aside. */
export type ParkedMessage = Pick<KafkaMessage, 'key' | 'value'>;

/** Puts a message aside, for as long as it takes; false when the signal came first, and it will come again. */
export type ParkMessage = (message: ParkedMessage, place: MessagePlace, reason: ParkReason) => Promise<boolean>;

export interface ParkingOptions {
  readonly sender: MessageSender;
  readonly topic: string;
  readonly clock: Clock;
  readonly report: ReportNotice;
  /** Told of each message that was put aside. */
  readonly onParked: () => void;
  readonly signal: AbortSignal;
}

/**
 * Puts messages that nobody here can use into a topic of their own with the reason and the place they came from: their neighbours go on
 * at once, the partition's mark passes them when the broker has acknowledged. At least once: a place may be parked twice.
 */
export function messageParking({ sender, topic, clock, report, onParked, signal }: ParkingOptions): ParkMessage {
  return async ({ key, value }, place, reason) => {
    const headers = { reason, topic: place.topic, partition: String(place.partition), offset: place.offset };
    const kept = value?.subarray(0, limits.kafka.maxParkedBytes) ?? null;
    while (!signal.aborted) {
      try {
        await sender.send([{ topic, key, value: kept, headers }]);
        onParked();
        report({ kind: 'parked', reason, ...place });
        return true;
      } catch (cause) {
        report({ kind: 'parking_failed', cause, ...place });
        await clock.sleep(limits.kafka.reopenMs, signal);
      }
    }
    return false;
  };
}
