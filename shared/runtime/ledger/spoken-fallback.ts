import { isTurnledgerError, sessionStream } from '../../contracts/index.ts';
import { fallbackLine, turnOf } from '../../domain/index.ts';
import type { Ledger } from './aggregates.ts';
import { pinnedScenario } from './pinned-scenario.ts';

/**
 * The line that the character says instead of a reply, as the member of an ending; nothing where the scenario has none, or is itself what
 * is missing. Throws `store_unavailable`.
 */
export async function spokenFallback(
  ledger: Ledger,
  { sessionId, turnId }: { readonly sessionId: string; readonly turnId: string },
): Promise<{ readonly fallback?: string }> {
  const state = await ledger.sessions.load(sessionStream(sessionId), Number.POSITIVE_INFINITY);
  const pinned = {
    scenarioId: state.scenarioId,
    scenarioVersion: turnOf(state, turnId)?.scenarioVersion ?? state.scenarioVersion,
  };
  const scenario = await pinnedScenario(ledger, pinned).catch((thrown: unknown) => {
    if (isTurnledgerError(thrown) && thrown.code === 'scenario_not_found') return undefined;
    throw thrown;
  });
  const fallback = fallbackLine(scenario?.fallbackLines ?? [], turnId);
  return fallback === undefined ? {} : { fallback };
}
