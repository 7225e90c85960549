import { scenarioStream, TurnledgerError } from '../../contracts/index.ts';
import { type ScenarioVersion, scenarioVersion } from '../../domain/index.ts';
import type { Ledger } from './aggregates.ts';

/**
 * The version that a session, or a turn of it, pins. A version never changes, so a cached one is as good as any; one that is not cached may
 * be new. Throws `scenario_not_found`, `store_unavailable`.
 */
export async function pinnedScenario(
  { scenarios }: Ledger,
  pinned: { readonly scenarioId: string; readonly scenarioVersion: number },
): Promise<ScenarioVersion> {
  const stream = scenarioStream(pinned.scenarioId);
  for (const maxAgeMs of [Number.POSITIVE_INFINITY, 0]) {
    const version = scenarioVersion(await scenarios.load(stream, maxAgeMs), pinned.scenarioVersion);
    if (version) return version;
  }
  throw new TurnledgerError('scenario_not_found');
}
