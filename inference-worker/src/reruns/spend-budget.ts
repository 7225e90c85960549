/**
 * The money of a re-run, kept below its cap: what turns have cost, and for each that has begun the most that it may come to. What is held for a
 * turn stays held until its cost is settled.
 */
export class SpendBudget {
  readonly #capMicroUsd: number;
  #spentMicroUsd: number;
  readonly #held = new Map<string, number>();
  /** Turns that will settle or give up by themselves: what waits, waits for one of them. */
  readonly #underWay = new Set<string>();
  readonly #waiting: ((isFreed: boolean) => void)[] = [];

  /** `undefined`: no cap. */
  constructor(capMicroUsd: number | undefined, spentMicroUsd: number) {
    this.#capMicroUsd = capMicroUsd ?? Number.POSITIVE_INFINITY;
    this.#spentMicroUsd = spentMicroUsd;
  }

  get isCapped(): boolean {
    return this.#capMicroUsd !== Number.POSITIVE_INFINITY;
  }

  /** Holds what the calls of a turn may have cost already, whether or not that is below the cap, in place of what is held for it. */
  hold(turnId: string, microUsd: number): void {
    this.#held.set(turnId, microUsd);
  }

  /**
   * Holds for a turn what its calls may have cost already and what one more may cost; false, and the first of the two alone, where both could
   * go above the cap. The same again holds no more.
   */
  tryHold(turnId: string, soFarMicroUsd: number, nextMicroUsd: number): boolean {
    this.hold(turnId, soFarMicroUsd);
    const heldMicroUsd = [...this.#held.values()].reduce((sum, one) => sum + one, 0);
    if (this.#spentMicroUsd + heldMicroUsd + nextMicroUsd > this.#capMicroUsd) {
      this.leave(turnId);
      return false;
    }
    this.hold(turnId, soFarMicroUsd + nextMicroUsd);
    this.#underWay.add(turnId);
    return true;
  }

  /** A turn has ended, and cost that. */
  settle(turnId: string, costMicroUsd: number): void {
    this.#spentMicroUsd += costMicroUsd;
    this.#held.delete(turnId);
    this.#underWay.delete(turnId);
    this.#wake(true);
  }

  /** A turn does nothing for now; what it holds stays held. */
  leave(turnId: string): void {
    this.#underWay.delete(turnId);
    if (this.#underWay.size === 0) this.#wake(false);
  }

  /** Resolves with true once a turn has ended, which may have cost less than was held for it; with false when none is under way. */
  freed(): Promise<boolean> {
    if (this.#underWay.size === 0) return Promise.resolve(false);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #wake(isFreed: boolean): void {
    for (const wake of this.#waiting.splice(0)) wake(isFreed);
  }
}
