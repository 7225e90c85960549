import { percentile, spreadOf } from './percentiles.ts';

/** A look at a process while the load is on. */
export interface MemorySample {
  /** Since the load began. */
  readonly atMs: number;
  readonly mib: number;
}

export type GrowthVerdict = 'steady' | 'grows' | 'not known';

export interface MemoryGrowth {
  readonly earlyMib: number;
  readonly lateMib: number;
  /** Late over early. */
  readonly growth: number;
  readonly maxMib: number;
  readonly verdict: GrowthVerdict;
}

/** Of the load's time: minutes 3 and 4 of ten, when code is compiled and pools are open; and the last two. */
export const EARLY = { from: 0.2, to: 0.4 } as const;
export const LATE = { from: 0.8, to: 1 } as const;
/**
 * More than this is growth. Medians of two minutes of a steady Node process lie some 3 % apart; at 50 turns a second a tenth of 150 MiB in
 * the five and a half minutes between the windows is 1 KB kept for each turn.
 */
export const GROWTH_TOLERANCE = 0.1;

/** What a window is represented by: its middle, or its least, which for a collected heap is nearest to what the collector left. */
export type WindowValue = 'median' | 'least';

/** How a process's memory went over a load of `durationMs`: `not known` when a window holds no sample. */
export function memoryGrowth(
  samples: readonly MemorySample[],
  durationMs: number,
  value: WindowValue = 'median',
): MemoryGrowth {
  const within = ({ from, to }: { readonly from: number; readonly to: number }) => {
    const mibs = samples
      .filter(({ atMs, mib }) => Number.isFinite(mib) && atMs >= from * durationMs && atMs <= to * durationMs)
      .map(({ mib }) => mib);
    return value === 'median' ? spreadOf(mibs).median : spreadOf(mibs).min;
  };
  const [earlyMib, lateMib] = [within(EARLY), within(LATE)];
  const growth = lateMib / earlyMib;
  const seen = samples.flatMap(({ mib }) => (Number.isFinite(mib) ? [mib] : []));
  return { earlyMib, lateMib, growth, maxMib: percentile(seen, 1), verdict: verdictOf(growth) };
}

function verdictOf(growth: number): GrowthVerdict {
  if (!Number.isFinite(growth)) return 'not known';
  return growth > 1 + GROWTH_TOLERANCE ? 'grows' : 'steady';
}
