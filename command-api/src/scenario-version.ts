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

/** The version that a session pins. A version never changes, so a cached one is as good as any. Throws `scenario_not_found`. */
export async function pinnedScenario(
  { scenarios }: Ledger,
  pinned: { readonly scenarioId: string; readonly scenarioVersion: number },
): Promise<ScenarioVersion> {
  const stream = scenarioStream(pinned.scenarioId);
  const cached = scenarioVersion(await scenarios.load(stream, Number.POSITIVE_INFINITY), pinned.scenarioVersion);
  const version = cached ?? scenarioVersion(await scenarios.load(stream), pinned.scenarioVersion);
  if (!version) throw new TurnledgerError('scenario_not_found');
  return version;
}
