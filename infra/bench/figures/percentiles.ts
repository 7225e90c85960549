import type { Percentiles } from '../load/load-plan.ts';

/** The value below which a share (0 to 1) of the values lies, by nearest rank: always a value that was seen. NaN of none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  const rank = Math.min(sorted.length, Math.max(1, Math.ceil(share * sorted.length)));
  return sorted[rank - 1] ?? Number.NaN;
}

export const percentilesOf = (values: readonly number[]): Percentiles => ({
  p50: percentile(values, 0.5),
  p95: percentile(values, 0.95),
  p99: percentile(values, 0.99),
  max: percentile(values, 1),
});

/** What a row of a result quotes: the median of the rounds, and how far they lay apart. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Of an even count the median is the mean of the middle two. NaN of none. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((one, other) => one - other);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return { median: (lower + upper) / 2, min: sorted[0] ?? Number.NaN, max: sorted.at(-1) ?? Number.NaN };
}

/**
 * Ratios taken pair by pair: round i of one over round i of the other, which stood next to each other in time, so that a machine that
 * was slow for a while was slow for both. Rounds without a partner do not count.
 */
export function pairRatios(ours: readonly number[], theirs: readonly number[]): Spread {
  const pairs = Math.min(ours.length, theirs.length);
  return spreadOf(
    Array.from({ length: pairs }, (_, index) => (ours[index] ?? Number.NaN) / (theirs[index] ?? Number.NaN)),
  );
}
