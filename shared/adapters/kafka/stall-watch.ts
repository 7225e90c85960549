import { limits } from '../../contracts/index.ts';

/** What a consumer looks like at one moment. */
export interface ConsumerView {
  readonly nowMs: number;
  /** Messages of ours that the broker has and we do not. */
  readonly lag: number;
  /** Rises with each message that comes and each that is done with. */
  readonly moved: number;
  /** We do not fetch since all slots are taken. */
  readonly isBusy: boolean;
}

/**
 * Tells a consumer that has stopped without an error, which this client's can, from one with nothing to do or with long turns at hand.
 * Answers for how long nothing has moved once that is over the limit (limits.kafka.stalledAfterMs, stalledBusyMs), else undefined.
 */
export class StallWatch {
  #moved: number | undefined;
  #sinceMs = 0;

  look({ nowMs, lag, moved, isBusy }: ConsumerView): number | undefined {
    if (lag <= 0 || moved !== this.#moved) {
      this.#moved = moved;
      this.#sinceMs = nowMs;
      return undefined;
    }
    const stillMs = nowMs - this.#sinceMs;
    return stillMs >= (isBusy ? limits.kafka.stalledBusyMs : limits.kafka.stalledAfterMs) ? stillMs : undefined;
  }
}
