import type { ProcessName } from '@turnledger/shared/runtime';
import type { RandomSource } from '../random-source.ts';
import { type KillPoint, killPoints, type Place } from './kill-points.ts';

/** One kill to come. */
export interface PlannedProcessKill {
  readonly point: KillPoint;
  readonly place: Place;
  /** The place kills at its nth passing from when it is armed (from 1). */
  readonly passing: number;
  /** Dies so long after it, milliseconds. */
  readonly second: { readonly process: ProcessName; readonly afterMs: number } | undefined;
}

const all: readonly [ProcessName, ...ProcessName[]] = ['command-api', 'query-api', 'projectors', 'inference-worker'];

/** Twenty clients pass each place that often within a second or two. */
const MAX_PASSING = 12;
const MAX_SECOND_AFTER_MS = 1_500;

/** So many rounds with one kill at each point, in a drawn order, its places in turns; one in three takes another process along. */
export function planProcessKills(
  killsPerPoint: number,
  random: RandomSource,
  points: readonly KillPoint[] = killPoints,
): readonly PlannedProcessKill[] {
  // By rounds, so that a run that is ended early has been at every point.
  return Array.from({ length: killsPerPoint }, (_, round) =>
    random.shuffled(points).map((point) => planKill(point, round, random)),
  ).flat();
}

function planKill(point: KillPoint, round: number, random: RandomSource): PlannedProcessKill {
  const others = all.filter((name) => name !== point.process);
  const process = others[random.between(0, others.length - 1)] ?? all[0];
  const afterMs = random.between(0, MAX_SECOND_AFTER_MS);
  return {
    point,
    place: point.places[round % point.places.length] ?? point.places[0],
    passing: random.between(1, MAX_PASSING),
    second: random.chance(1 / 3) ? { process, afterMs } : undefined,
  };
}
