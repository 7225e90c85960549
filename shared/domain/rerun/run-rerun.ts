import { accepted, type Decision, refused, unchanged } from '../decision.ts';
import type { RerunEvent, RerunFinished } from './events.ts';
import { isRunning, type RerunComparison, type RerunRequest, type RerunState } from './state.ts';

/** Asks for a re-run; the same request again changes nothing, another request under its key is refused (rule 1). */
export function requestRerun(request: RerunRequest, state: RerunState): Decision<RerunEvent, 'idempotency_key_reused'> {
  if (state.request === undefined) return accepted({ type: 'RerunRequested', data: request });
  return state.request.bodyHash === request.bodyHash ? unchanged : refused('idempotency_key_reused');
}

/** Records what turns came to that were asked again; one that is compared already is left out, none of a re-run that is over counts. */
export function compareTurns(
  comparisons: readonly RerunComparison[],
  state: RerunState,
): Decision<RerunEvent, 'rerun_not_found'> {
  if (state.request === undefined) return refused('rerun_not_found');
  if (!isRunning(state)) return unchanged;
  const known = new Set(state.comparisons.map(({ turnId }) => turnId));
  const [first, ...rest] = comparisons.flatMap((data) => {
    if (known.has(data.turnId)) return [];
    known.add(data.turnId);
    return [{ type: 'RerunTurnCompared', data } as const];
  });
  return first ? accepted(first, ...rest) : unchanged;
}

/** Stops a re-run from asking further turns; one that was stopped, or is over, stays as it is. */
export function cancelRerun(
  command: { readonly by: string },
  state: RerunState,
): Decision<RerunEvent, 'rerun_not_found'> {
  if (state.request === undefined) return refused('rerun_not_found');
  return state.status === 'running' ? accepted({ type: 'RerunCancelled', data: command }) : unchanged;
}

export type FinishRerun = RerunFinished['data'] & {
  /** A version was promoted, or held back, by what it has come to: it is too late to cancel it. */
  readonly isJudged?: boolean;
};

/** Ends a re-run; of one that was cancelled the outcome is that, whatever its runner thinks. */
export function finishRerun(
  { outcome, code, isJudged = false }: FinishRerun,
  state: RerunState,
): Decision<RerunEvent, 'rerun_not_found'> {
  if (state.request === undefined) return refused('rerun_not_found');
  if (!isRunning(state)) return unchanged;
  if (state.status === 'cancelling' && !isJudged)
    return accepted({ type: 'RerunFinished', data: { outcome: 'cancelled' } });
  return accepted({ type: 'RerunFinished', data: { outcome, ...(code !== undefined && { code }) } });
}
