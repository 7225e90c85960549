import { type ArmedFailpoint, failpoints } from './failpoints.ts';
import type { RandomSource } from './random-source.ts';

/** How one life of the service is to end. */
export interface PlannedKill {
  /** Absent: SIGKILL from outside, after `afterMs` of service. */
  readonly armed: ArmedFailpoint | undefined;
  readonly afterMs: number;
  /** PostgreSQL is killed with it; otherwise it lives on, and the next life takes it over. */
  readonly withPostgres: boolean;
}

/** Clients of a life begin with some requests each; a passing below that comes while many turns are open. */
const MAX_PASSING = 15;

/**
 * Half of the kills at failpoints, each of them in its turn, half at random moments, in a drawn order; with one in three PostgreSQL dies too.
 * From twice as many kills as there are failpoints on, each failpoint is planned at least once.
 */
export function planKills(kills: number, random: RandomSource): readonly PlannedKill[] {
  const names = random.shuffled(failpoints);
  const planned = Array.from({ length: kills }, (_, index): PlannedKill => {
    const name = index % 2 === 0 ? names[(index / 2) % names.length] : undefined;
    return {
      armed: name && { name, passing: random.between(2, MAX_PASSING) },
      afterMs: random.between(150, 1_800),
      withPostgres: random.chance(1 / 3),
    };
  });
  return random.shuffled(planned);
}
