import { limits, scenarioStream, TurnledgerError } from '@turnledger/shared/contracts';
import { type ScenarioVersion, scenarioVersion } from '@turnledger/shared/domain';
import type { Ledger } from '@turnledger/shared/runtime';

/** The version that new sessions take, or the one asked for, and whether none may take it any more. Throws `scenario_not_found`. */
export async function scenarioForNewSession(
  { scenarios }: Ledger,
  scenarioId: string,
  wantedVersion?: number,
): Promise<{ readonly scenario: ScenarioVersion; readonly isRetired: boolean }> {
  const state = await scenarios.load(scenarioStream(scenarioId), limits.aggregate.scenarioMaxAgeMs);
  const scenario = scenarioVersion(state, wantedVersion ?? state.promotedVersion);
  if (!scenario) throw new TurnledgerError('scenario_not_found');
  return { scenario, isRetired: state.isRetired };
}

/** Lets pass what names a version that is there, or none of a scenario that is there. Throws `scenario_not_found`. */
export async function requireScenarioVersion(
  { scenarios }: Ledger,
  scenarioId: string,
  version: number | undefined,
): Promise<void> {
  const state = await scenarios.load(scenarioStream(scenarioId));
  if (!scenarioVersion(state, version ?? state.promotedVersion)) throw new TurnledgerError('scenario_not_found');
}
