import type { ScenarioConfigured, ScenarioEvent } from './events.ts';

export type ScenarioVersion = ScenarioConfigured['data'];

export interface ScenarioState {
  /** Revision of the newest folded event; -1 before the first. */
  readonly revision: number;
  /** Every version, the first at index 0. */
  readonly versions: readonly ScenarioVersion[];
  /** What new sessions take; 0 before the first version. */
  readonly promotedVersion: number;
  /** Retired: no new session takes it and nobody changes it. */
  readonly isRetired: boolean;
}

export const initialScenario: ScenarioState = { revision: -1, versions: [], promotedVersion: 0, isRetired: false };

export function evolveScenario(state: ScenarioState, event: ScenarioEvent): ScenarioState {
  const next = { ...state, revision: state.revision + 1 };
  switch (event.type) {
    case 'ScenarioConfigured':
      return { ...next, versions: [...state.versions, event.data] };
    case 'ScenarioVersionPromoted':
      return { ...next, promotedVersion: event.data.version };
    case 'ScenarioRetired':
      return { ...next, isRetired: true };
  }
}

export const scenarioVersion = (state: ScenarioState, version: number): ScenarioVersion | undefined =>
  state.versions[version - 1];
