import type { GateOutcome, GateThresholds, MissedThreshold, ScenarioConfigured, ScenarioEvent } from './events.ts';

export type ScenarioVersion = ScenarioConfigured['data'];

/** A re-run that a version had to stand, or stands now: without an outcome it is open. */
export interface ScenarioGate {
  readonly version: number;
  readonly rerunId: string;
  readonly thresholds: GateThresholds;
  readonly outcome?: GateOutcome;
  readonly missed: readonly MissedThreshold[];
}

export interface ScenarioState {
  /** Revision of the newest folded event; -1 before the first. */
  readonly revision: number;
  /** Every version, the first at index 0. */
  readonly versions: readonly ScenarioVersion[];
  /** What new sessions take; 0 before the first version. */
  readonly promotedVersion: number;
  /** Retired: no new session takes it and nobody changes it. */
  readonly isRetired: boolean;
  /** One a re-run, oldest first; at most the last one is open. */
  readonly gates: readonly ScenarioGate[];
}

export const initialScenario: ScenarioState = {
  revision: -1,
  versions: [],
  promotedVersion: 0,
  isRetired: false,
  gates: [],
};

export function evolveScenario(state: ScenarioState, event: ScenarioEvent): ScenarioState {
  const next = { ...state, revision: state.revision + 1 };
  switch (event.type) {
    case 'ScenarioConfigured':
      return { ...next, versions: [...state.versions, event.data] };
    case 'ScenarioVersionPromoted':
      return { ...next, promotedVersion: event.data.version };
    case 'ScenarioRetired':
      return { ...next, isRetired: true };
    case 'ScenarioGateOpened': {
      // One that had been given up and is asked for again is the last one now.
      const others = state.gates.filter(({ rerunId }) => rerunId !== event.data.rerunId);
      return { ...next, gates: [...others, { ...event.data, missed: [] }] };
    }
    case 'ScenarioGateClosed': {
      const { rerunId, outcome, missed } = event.data;
      return {
        ...next,
        gates: state.gates.map((gate) => (gate.rerunId === rerunId ? { ...gate, outcome, missed } : gate)),
      };
    }
  }
}

export const scenarioVersion = (state: ScenarioState, version: number): ScenarioVersion | undefined =>
  state.versions[version - 1];
