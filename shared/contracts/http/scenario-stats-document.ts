import type { UsageCounts } from '../../domain/index.ts';

/**
 * What became of a scenario version's turns and moves. The rate is that of illegal moves among all that were judged, whether by the schema,
 * before anybody saw them, or by the game; null before the first. Moves that the game has not judged yet are in neither part of it.
 */
export function scenarioStatsDocument(version: number, counts: UsageCounts) {
  const { movesAccepted, movesRejected, movesInvalid } = counts;
  const illegal = movesRejected + movesInvalid;
  const judged = illegal + movesAccepted;
  return {
    version,
    turns: counts.turnsCompleted + counts.turnsFailed + counts.turnsCancelled + counts.turnsTimedOut,
    moves_proposed: counts.movesProposed,
    moves_accepted: movesAccepted,
    moves_rejected: movesRejected,
    moves_invalid: movesInvalid,
    illegal_move_rate: judged === 0 ? null : illegal / judged,
  };
}

export type ScenarioStatsDocument = ReturnType<typeof scenarioStatsDocument>;
