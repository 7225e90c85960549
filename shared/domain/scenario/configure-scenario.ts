import { accepted, type Decision, refused, unchanged } from '../decision.ts';
import type { ScenarioConfig, ScenarioConfigured, ScenarioEvent } from './events.ts';
import { type ExpectedScenario, scenarioHolds, versionExpected } from './expected-scenario.ts';
import { openGateOf } from './gate.ts';
import type { ScenarioState, ScenarioVersion } from './state.ts';

/** The key that a configuration was asked under, and what was asked. */
export type ConfigureRequest = NonNullable<ScenarioConfigured['data']['request']>;

export interface ConfigureScenario {
  /** The whole configuration, after merging with the newest version or the defaults. */
  readonly config: ScenarioConfig;
  readonly configHash: string;
  readonly note?: string;
  /** Make it what new sessions take. */
  readonly publish: boolean;
  /** What the caller edited (If-Match); absent: no guard. */
  readonly expected?: ExpectedScenario;
  readonly request?: ConfigureRequest;
}

/** The version that a key has already made, whatever was asked under it; undefined for a new key. */
export const versionOfKey = (state: ScenarioState, keyHash: string): ScenarioVersion | undefined =>
  state.versions.find(({ request }) => request?.keyHash === keyHash);

/**
 * Adds a version; the newest version's content again adds none, and promotes it if asked and not yet so. The same key with the same body
 * is the version it made, whatever came later (rule 1). While a gate is open nothing is promoted by hand.
 */
export function configureScenario(
  command: ConfigureScenario,
  state: ScenarioState,
): Decision<ScenarioEvent, 'idempotency_key_reused' | 'scenario_retired' | 'scenario_version_mismatch' | 'gate_open'> {
  const { config, configHash, note, publish, expected, request } = command;
  const made = request && versionOfKey(state, request.keyHash)?.request;
  if (made) return made.bodyHash === request?.bodyHash ? unchanged : refused('idempotency_key_reused');
  if (state.isRetired) return refused('scenario_retired');
  const newest = state.versions.at(-1);
  const isNewest = newest?.configHash === configHash;
  const isDone = isNewest && (!publish || state.promotedVersion === newest.version);
  const edited = versionExpected(expected);
  // A guarded request whose answer was lost finds its own version, or promotion: it has already succeeded (RFC 9110, 13.1.1).
  const isRepeat = (isNewest && edited === newest.version - 1) || (isDone && edited === newest.version);
  const isFirst = newest === undefined && expected === 0;
  if (!isFirst && !isRepeat && !scenarioHolds(expected, state)) return refused('scenario_version_mismatch');
  if (newest && isNewest && isDone) return unchanged;
  if (publish && openGateOf(state)) return refused('gate_open');
  if (newest && isNewest) {
    return accepted({ type: 'ScenarioVersionPromoted', data: { version: newest.version } });
  }
  const version = state.versions.length + 1;
  const configured: ScenarioEvent = {
    type: 'ScenarioConfigured',
    data: { ...config, version, configHash, ...(note !== undefined && { note }), ...(request && { request }) },
  };
  // A scenario's first version is promoted in any case: a scenario nobody could start would be no use.
  if (!publish && state.promotedVersion !== 0) return accepted(configured);
  return accepted(configured, { type: 'ScenarioVersionPromoted', data: { version } });
}
