/** What something that has a way to go looks like at one moment. */
export interface StandstillView {
  readonly nowMs: number;
  /** There is more than it has done with. False too while nobody can say, as of a store that does not answer: that is no fault of its own. */
  readonly isBehind: boolean;
  /** Another one than at the last look: it has moved. */
  readonly place: number | bigint;
}

/**
 * For how long something has stood still though there is more to do, as it is looked at again and again: the time from the first of the
 * looks in a row that found it behind at one place. Time counts `maxStepMs` from one look to the next at most: whoever looks and was frozen
 * itself has not seen it stand still.
 */
export class Standstill {
  readonly #maxStepMs: number;
  #place: number | bigint | undefined;
  #lookedMs = 0;
  #stillMs = 0;

  constructor(maxStepMs: number) {
    this.#maxStepMs = maxStepMs;
  }

  /** Milliseconds that it has stood still; 0 where it moves, or has nothing to do. */
  look({ nowMs, isBehind, place }: StandstillView): number {
    const isStill = isBehind && place === this.#place;
    this.#stillMs = isStill ? this.#stillMs + Math.min(nowMs - this.#lookedMs, this.#maxStepMs) : 0;
    this.#place = isBehind ? place : undefined;
    this.#lookedMs = nowMs;
    return this.#stillMs;
  }
}
