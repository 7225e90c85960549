/**
 * The money of a re-run, kept below its cap: what turns have cost, and for each that is under way the most that it may come to. A turn whose
 * attempts failed keeps all they may have cost until it has ended and its true cost is known.
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

  /** Whether something is held for a turn. */
  holds(turnId: string): boolean {
    return this.#held.has(turnId);
  }

  /** Holds what a call of a turn may cost, on top of what the turn holds already; false where that could go above the cap. */
  tryHold(turnId: string, microUsd: number): boolean {
    const heldMicroUsd = [...this.#held.values()].reduce((sum, one) => sum + one, 0);
    if (this.#spentMicroUsd + heldMicroUsd + microUsd > this.#capMicroUsd) {
      this.leave(turnId);
      return false;
    }
    this.#held.set(turnId, (this.#held.get(turnId) ?? 0) + microUsd);
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
