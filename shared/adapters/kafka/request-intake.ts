import type { KafkaMessage } from 'kafkajs';
import { isTurnledgerError, type ParkReason } from '../../contracts/index.ts';
import type { Delivery, TurnLanes } from '../turn-lanes.ts';
import type { MessagePlace } from './kafka-notice.ts';
import type { ParkedMessage, ParkMessage } from './park-message.ts';
import type { PartitionOffsets } from './partition-offsets.ts';
import { decodeTurnMessage } from './turn-message-codec.ts';

export interface RequestIntakeOptions {
  readonly topic: string;
  readonly lanes: TurnLanes;
  readonly park: ParkMessage;
  /** Told when a message that was to be put aside waits no longer. */
  readonly onSettled: () => void;
}

/** Where a message on the topic of requests goes: into its session's lane, or aside when nobody can read it or the log has no such turn. */
export class RequestIntake {
  readonly #options: RequestIntakeOptions;
  #parking = 0;

  constructor(options: RequestIntakeOptions) {
    this.#options = options;
  }

  /** Messages that are about to be put aside. */
  get parking(): number {
    return this.#parking;
  }

  /** Returns at once; a message that was seen before is left out. */
  accept(message: KafkaMessage, offsets: PartitionOffsets): void {
    const delivery = offsets.take(Number(message.offset));
    if (!delivery) return;
    const place = { topic: this.#options.topic, partition: offsets.partition, offset: message.offset };
    const decoded = decodeTurnMessage('requested', message);
    if (decoded.outcome === 'unreadable') {
      this.#putAside(message, place, decoded.reason, delivery);
      return;
    }
    // A copy: the message is a window on the whole fetch, which must not be kept for as long as one turn takes.
    const kept = { key: copyOf(message.key), value: copyOf(message.value) };
    this.#options.lanes.add(decoded.message, {
      ...delivery,
      onHandled: (failure) => {
        if (isUnknownTurn(failure)) this.#putAside(kept, place, 'unknown_turn', delivery);
        else delivery.onHandled();
      },
    });
  }

  #putAside(message: ParkedMessage, place: MessagePlace, reason: ParkReason, { onHandled }: Delivery): void {
    this.#parking += 1;
    void this.#options.park(message, place, reason).then((isParked) => {
      this.#parking -= 1;
      if (isParked) onHandled();
      this.#options.onSettled();
    });
  }
}

const copyOf = (bytes: Buffer | null): Buffer | null => bytes && Buffer.from(bytes);

/** The log is ahead of its topic: a turn that it does not have is nobody's, or another log's. */
const isUnknownTurn = (failure: unknown): boolean => isTurnledgerError(failure) && failure.code === 'turn_not_found';
