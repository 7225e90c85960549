import { limits, scenarioStream, TurnledgerError } from '@turnledger/shared/contracts';
import { type ScenarioVersion, scenarioVersion } from '@turnledger/shared/domain';
import type { Ledger } from '@turnledger/shared/runtime';

/** The version that new sessions take, or the one asked for, and whether none may take it any more. Throws `scenario_not_found`. */
export async function scenarioForNewSession(
  { scenarios }: Ledger,
  scenarioId: string,
  wantedVersion?: number,
): Promise<{ readonly scenario: ScenarioVersion; readonly isRetired: boolean }> {
  // What is not there may be new: another process may have published it just now.
  for (const maxAgeMs of [limits.aggregate.scenarioMaxAgeMs, 0]) {
    const state = await scenarios.load(scenarioStream(scenarioId), maxAgeMs);
    const scenario = scenarioVersion(state, wantedVersion ?? state.promotedVersion);
    if (scenario) return { scenario, isRetired: state.isRetired };
  }
  throw new TurnledgerError('scenario_not_found');
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
