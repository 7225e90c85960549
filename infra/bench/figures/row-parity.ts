/** How often one and the same turn was counted, in each of the places where it must have left exactly one trace. */
export interface TurnCounts {
  /** Requests that the model twin received from us. */
  readonly twinCalls: number;
  /** Different turn ids in answers that were checked. */
  readonly answered: number;
  readonly requested: number;
  readonly started: number;
  /** Calls that TurnStarted events list. */
  readonly listedCalls: number;
  readonly completed: number;
  /** Different turn ids among TurnRequested. */
  readonly distinct: number;
  /** Rows of the turns view with the status completed. */
  readonly viewRows: number;
}

/**
 * Row parity (R6): every count must be the same, else a turn was lost, bought twice, bought without a record, or not stored, and the
 * rate beside it means nothing. Answers a sentence for each count that differs from the answers; none when all agree.
 */
export function parityFaults(counts: TurnCounts): readonly string[] {
  const { answered, ...others } = counts;
  if (answered === 0) return ['no turn was answered'];
  return Object.entries(others)
    .filter(([, count]) => count !== answered)
    .map(([place, count]) => `${place} is ${count}, but ${answered} turns were answered`);
}
