import { accepted, type Decision, refused, unchanged } from '../decision.ts';
import type { ScenarioConfig, ScenarioEvent } from './events.ts';
import type { ScenarioState } from './state.ts';

export interface ConfigureScenario {
  /** The whole configuration, after merging with the newest version or the defaults. */
  readonly config: ScenarioConfig;
  readonly configHash: string;
  readonly note?: string;
  /** Make it what new sessions take. */
  readonly publish: boolean;
  /** The version that the caller edited (If-Match); absent: no guard. */
  readonly expectedVersion?: number;
}

/** Adds a version; the newest version's content again adds none, and promotes it if asked and not yet so. */
export function configureScenario(
  command: ConfigureScenario,
  state: ScenarioState,
): Decision<ScenarioEvent, 'scenario_version_mismatch'> {
  const { config, configHash, note, publish, expectedVersion } = command;
  const newest = state.versions.at(-1);
  const isNewest = newest?.configHash === configHash;
  // A guarded request whose answer was lost finds its own version: it has already succeeded (RFC 9110, 13.1.1).
  const isRepeat = isNewest && expectedVersion === state.versions.length - 1;
  if (expectedVersion !== undefined && expectedVersion !== state.versions.length && !isRepeat) {
    return refused('scenario_version_mismatch');
  }
  if (newest && isNewest) {
    if (!publish || state.promotedVersion === newest.version) return unchanged;
    return accepted({ type: 'ScenarioVersionPromoted', data: { version: newest.version } });
  }
  const version = state.versions.length + 1;
  const configured: ScenarioEvent = {
    type: 'ScenarioConfigured',
    data: { ...config, version, configHash, ...(note !== undefined && { note }) },
  };
  // A scenario's first version is promoted in any case: a scenario nobody could start would be no use.
  if (!publish && state.promotedVersion !== 0) return accepted(configured);
  return accepted(configured, { type: 'ScenarioVersionPromoted', data: { version } });
}
