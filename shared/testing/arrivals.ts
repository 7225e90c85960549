/** What arrived so far, in order, and a way to await the next instead of sleeping. */
export class Arrivals<T> {
  readonly #items: T[] = [];
  readonly #waiting = new Set<() => void>();

  get all(): readonly T[] {
    return this.#items;
  }

  add(item: T): void {
    this.#items.push(item);
    for (const look of this.#waiting) look();
  }

  /** Resolves with all items once there are `count` of them; never, if they do not come: the test's own timeout ends it. */
  until(count: number): Promise<readonly T[]> {
    return new Promise((resolve) => {
      const look = () => {
        if (this.#items.length < count) return;
        this.#waiting.delete(look);
        resolve([...this.#items]);
      };
      this.#waiting.add(look);
      look();
    });
  }
}
