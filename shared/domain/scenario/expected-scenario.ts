import { type Expected, holds } from '../expected.ts';
import type { ScenarioState } from './state.ts';

/** A scenario as somebody has read it: its newest version, and the revision that tells a promotion or a retirement since (decision 0009). */
export interface ScenarioSeen {
  readonly version: number;
  readonly revision: number;
}

/** What a guarded change of a scenario expects: the newest version, whatever was promoted since, or all of it as it was read. */
export type ExpectedScenario = Expected | ScenarioSeen;

/** The newest version that the caller knew; undefined without a guard that names one. */
export const versionExpected = (expected: ExpectedScenario | undefined): number | undefined =>
  typeof expected === 'object' ? expected.version : expected === 'any' ? undefined : expected;

/** Whether a guard holds; no guard always does. */
export function scenarioHolds(expected: ExpectedScenario | undefined, { versions, revision }: ScenarioState): boolean {
  const newest = versions.at(-1)?.version;
  return typeof expected === 'object'
    ? expected.version === newest && expected.revision === revision
    : holds(expected, newest);
}
