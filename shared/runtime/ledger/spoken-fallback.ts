import { scenarioStream, sessionStream } from '../../contracts/index.ts';
import { fallbackLine, scenarioVersion, turnOf } from '../../domain/index.ts';
import type { Ledger } from './aggregates.ts';

/**
 * The line that the character says instead of a reply, as the member of an ending; nothing where the scenario has none, or is itself what
 * is missing. Throws `store_unavailable`.
 */
export async function spokenFallback(
  { sessions, scenarios }: Ledger,
  { sessionId, turnId }: { readonly sessionId: string; readonly turnId: string },
): Promise<{ readonly fallback?: string }> {
  const state = await sessions.load(sessionStream(sessionId), Number.POSITIVE_INFINITY);
  const scenario = await scenarios.load(scenarioStream(state.scenarioId), Number.POSITIVE_INFINITY);
  const fallback = fallbackLine(
    scenarioVersion(scenario, turnOf(state, turnId)?.scenarioVersion ?? state.scenarioVersion)?.fallbackLines ?? [],
    turnId,
  );
  return fallback === undefined ? {} : { fallback };
}
