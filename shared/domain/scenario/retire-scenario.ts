import { accepted, type Decision, refused, unchanged } from '../decision.ts';
import { type Expected, holds } from '../expected.ts';
import type { ScenarioEvent } from './events.ts';
import type { ScenarioState } from './state.ts';

/** Takes a scenario away from new sessions and from its designers, for good; sessions under way go on. Retired already, it stays as it is. */
export function retireScenario(
  command: { readonly reason?: string; readonly expectedVersion?: Expected },
  state: ScenarioState,
): Decision<ScenarioEvent, 'scenario_not_found' | 'scenario_version_mismatch'> {
  const { reason, expectedVersion } = command;
  if (state.versions.length === 0) return refused('scenario_not_found');
  if (state.isRetired) return unchanged;
  if (!holds(expectedVersion, state.versions.length)) return refused('scenario_version_mismatch');
  const data = { version: state.promotedVersion, ...(reason !== undefined && { reason }) };
  return accepted({ type: 'ScenarioRetired', data });
}
