import type { ErrorCode } from '@turnledger/shared/contracts';
import { openGateOf, type ScenarioState } from '@turnledger/shared/domain';
import { refusal } from './if-match.ts';

/** What was not done to a scenario, and why; where a gate is in the way, `rerun_id` is what it waits for. */
export function scenarioRefusal(reason: ErrorCode, state: ScenarioState) {
  const gate = reason === 'gate_open' ? openGateOf(state) : undefined;
  return refusal(reason, state.versions.length, gate ? { rerun_id: gate.rerunId } : {});
}
