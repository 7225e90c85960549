/**
 * An immutable map from turn id to value whose update copies two small nodes instead of the whole map.
 *
 * Why not a Map: `evolve` must not change its input, and copying a Map of 1,000 turns costs about 30 µs for each of a turn's events,
 * so that turn 1,000 would be dearer than turn 10. Here an update copies 2 arrays of 32 and a leaf of n / 1,024 entries.
 * Turn ids are UUIDs whose last hexadecimal digits are evenly spread (v5: a hash; v7: random), so those pick the leaf.
 */
export interface TurnIndex<T extends { readonly turnId: string }> {
  readonly size: number;
  readonly branches: readonly (readonly (readonly T[] | undefined)[] | undefined)[];
}

export const emptyTurnIndex = { size: 0, branches: [] } as const;

const BRANCHES = 32;

const slots = (turnId: string): readonly [number, number] => {
  // An id that is no UUID may read as negative (`turn-100`), and an array loses what stands at a negative place.
  const digits = Math.abs(Number.parseInt(turnId.slice(-4), 16));
  const spread = Number.isNaN(digits) ? 0 : digits;
  return [spread % BRANCHES, Math.floor(spread / BRANCHES) % BRANCHES];
};

/** The turn of that id, or undefined. */
export function findTurn<T extends { readonly turnId: string }>(index: TurnIndex<T>, turnId: string): T | undefined {
  const [high, low] = slots(turnId);
  return index.branches[high]?.[low]?.find((turn) => turn.turnId === turnId);
}

/** A new index with that turn added, or put in the place of the one with its id. */
export function withTurn<T extends { readonly turnId: string }>(index: TurnIndex<T>, turn: T): TurnIndex<T> {
  const [high, low] = slots(turn.turnId);
  const branch = index.branches[high] ?? [];
  const leaf = branch[low] ?? [];
  const others = leaf.filter((one) => one.turnId !== turn.turnId);
  const nextBranch = branch.slice();
  nextBranch[low] = [...others, turn];
  const branches = index.branches.slice();
  branches[high] = nextBranch;
  return { size: index.size + (others.length === leaf.length ? 1 : 0), branches };
}
