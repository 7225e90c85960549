/** How fast each of many may ask for something: a bucket of a minute's worth by key, filled evenly. A bound of zero is none. */
export interface RateCounter {
  /**
   * Takes one out of a key's bucket; 0 when there was one, else the milliseconds until there is. Never throws: a counter that cannot be
   * reached counts less exactly.
   */
  take(key: string): Promise<number>;
  /** Puts one back that was taken and not used; a bucket holds no more than a minute's worth. Never throws. */
  giveBack(key: string): Promise<void>;
}
