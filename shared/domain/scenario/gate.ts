import { accepted, type Decision, refused, unchanged } from '../decision.ts';
import type { RerunOutcome } from '../rerun/events.ts';
import type { RerunSummary, SumsOfBoth } from '../rerun/summarise-rerun.ts';
import type { GateOutcome, GateThresholds, MissedThreshold, ScenarioEvent } from './events.ts';
import type { ScenarioState } from './state.ts';

export interface OpenGate {
  readonly version: number;
  readonly rerunId: string;
  readonly thresholds: GateThresholds;
  /** A gate whose re-run was never recorded, and may be replaced: the request that opened it died between the two. */
  readonly abandonedRerunId?: string;
}

/**
 * Holds a version back from being the default until a re-run has been judged. One gate at a time: a second one is refused, and so is a version
 * that new sessions take already. The same request again changes nothing, another one for its re-run is refused (rule 1); one that was given
 * up meanwhile is asked for anew.
 */
export function openGate(
  { version, rerunId, thresholds, abandonedRerunId }: OpenGate,
  state: ScenarioState,
): Decision<
  ScenarioEvent,
  'scenario_not_found' | 'idempotency_key_reused' | 'scenario_retired' | 'gate_open' | 'version_promoted'
> {
  if (version > state.versions.length) return refused('scenario_not_found');
  const known = state.gates.find((gate) => gate.rerunId === rerunId && gate.outcome !== 'abandoned');
  if (known) return isSameGate(known, { version, thresholds }) ? unchanged : refused('idempotency_key_reused');
  if (state.isRetired) return refused('scenario_retired');
  if (state.promotedVersion === version) return refused('version_promoted');
  const open = openGateOf(state);
  if (open && open.rerunId !== abandonedRerunId) return refused('gate_open');
  const opened = { type: 'ScenarioGateOpened', data: { version, rerunId, thresholds } } as const;
  if (!open) return accepted(opened);
  const abandoned = { version: open.version, rerunId: open.rerunId, outcome: 'abandoned' as const, missed: [] };
  return accepted({ type: 'ScenarioGateClosed', data: abandoned }, opened);
}

type Asked = Pick<OpenGate, 'version' | 'thresholds'>;

const isSameGate = (one: Asked, other: Asked): boolean =>
  one.version === other.version && gateThresholdNames.every((name) => one.thresholds[name] === other.thresholds[name]);

/**
 * Closes the gate of a re-run that is over: it promotes the version where the re-run was completed and every threshold is met, unless the
 * scenario was retired meanwhile. A gate that is closed, or has been given up, stays as it is.
 */
export function closeGate(
  {
    rerunId,
    outcome,
    summary,
  }: { readonly rerunId: string; readonly outcome: RerunOutcome; readonly summary: RerunSummary },
  state: ScenarioState,
): Decision<ScenarioEvent, never> {
  const open = openGateOf(state);
  if (open?.rerunId !== rerunId) return unchanged;
  const { version, thresholds } = open;
  const missed = missedThresholds(summary, thresholds);
  const verdict = outcome === 'completed' ? verdictOn(missed, state) : 'incomplete';
  const closed = { type: 'ScenarioGateClosed', data: { version, rerunId, outcome: verdict, missed } } as const;
  if (verdict !== 'passed') return accepted(closed);
  return accepted(closed, { type: 'ScenarioVersionPromoted', data: { version } });
}

/** On a re-run that was completed: what failed says why. */
function verdictOn(missed: readonly MissedThreshold[], { isRetired }: ScenarioState): GateOutcome {
  if (missed.length > 0) return 'failed';
  return isRetired ? 'incomplete' : 'passed';
}

/** The gate that holds a version back now. */
export const openGateOf = ({ gates }: ScenarioState) => {
  const last = gates.at(-1);
  return last?.outcome === undefined ? last : undefined;
};

/** The thresholds that a re-run does not meet. What could not be measured meets none. */
export function missedThresholds(summary: RerunSummary, thresholds: GateThresholds): readonly MissedThreshold[] {
  const { compared, reused, failed, diverged, movesRepeated, similarity, cost, durationMs } = summary;
  // Every request was the recorded one: so are its cost and its time.
  const isUnchanged = compared > 0 && reused === compared;
  const measured: { readonly [name in keyof GateThresholds]-?: number | undefined } = {
    minTurns: compared,
    maxFailedRate: share(failed, compared),
    maxDivergedRate: share(diverged, compared),
    maxIllegalMoveRate: share(movesRepeated.illegal, movesRepeated.moves),
    minSimilarity: share(similarity.sum, similarity.turns),
    maxCostRatio: isUnchanged ? 1 : ratio(cost),
    maxLatencyRatio: isUnchanged ? 1 : ratio(durationMs),
  };
  return gateThresholdNames.flatMap((threshold) => {
    const limit = thresholds[threshold];
    if (limit === undefined) return [];
    const value = measured[threshold];
    const missedBy = value === undefined ? 1 : threshold.startsWith('min') ? limit - value : value - limit;
    const isMet = missedBy < A_HAIR;
    return isMet ? [] : [{ threshold, limit, ...(value !== undefined && { measured: value }) }];
  });
}

/** A quotient of binary numbers may lie beside the decimal that it stands for: 2.4 / 3 is less than 0.8. */
const A_HAIR = 1e-9;

export const gateThresholdNames = [
  'minTurns',
  'maxFailedRate',
  'maxDivergedRate',
  'maxIllegalMoveRate',
  'minSimilarity',
  'maxCostRatio',
  'maxLatencyRatio',
] as const satisfies readonly (keyof GateThresholds)[];

const share = (part: number, whole: number): number | undefined => (whole === 0 ? undefined : part / whole);

/** New over recorded; undefined where nothing was recorded that it could be held against, and 1 where both cost nothing. */
export const ratio = ({ turns, recorded, repeated }: SumsOfBoth): number | undefined =>
  turns > 0 && recorded === 0 && repeated === 0 ? 1 : share(repeated, recorded);
