import { accepted, type Decision, refused, unchanged } from '../decision.ts';
import type { ScenarioEvent } from './events.ts';
import { type ExpectedScenario, scenarioHolds } from './expected-scenario.ts';
import type { ScenarioState } from './state.ts';

/** Takes a scenario away from new sessions and from its designers, for good; sessions under way go on. Retired already, it stays as it is. */
export function retireScenario(
  command: { readonly reason?: string; readonly expected?: ExpectedScenario },
  state: ScenarioState,
): Decision<ScenarioEvent, 'scenario_not_found' | 'scenario_version_mismatch'> {
  const { reason, expected } = command;
  if (state.versions.length === 0) return refused('scenario_not_found');
  if (state.isRetired) return unchanged;
  if (!scenarioHolds(expected, state)) return refused('scenario_version_mismatch');
  const data = { version: state.promotedVersion, ...(reason !== undefined && { reason }) };
  return accepted({ type: 'ScenarioRetired', data });
}
