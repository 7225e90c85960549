import type { CommitOutcome } from './view-store.ts';

/** Where a loop stands that writes no rows: a relay, a cache. Views keep their checkpoints with their rows, in the ViewStore. */
export interface Checkpoints {
  /** The position up to which the loop has done everything, 0n for one that has never moved. Throws `store_unavailable`. */
  position(loop: string): Promise<bigint>;
  /**
   * Moves it from `from` to `to` by compare-and-set; `moved`: it stands elsewhere, since another process has moved it, and stays there. A
   * call that throws `store_unavailable` may have moved it: ask for the position again.
   */
  move(loop: string, step: { readonly from: bigint; readonly to: bigint }): Promise<CommitOutcome>;
}
