import { rerunStream, type ShownRerun, scenarioStream, TurnledgerError } from '../../contracts/index.ts';
import { isRunning, type RerunState } from '../../domain/index.ts';
import type { Ledger } from './aggregates.ts';

/**
 * A re-run as the log has it now, with the gate that waits for it, or undefined for one that was never asked for. Reads its first event, and
 * its last if it is over: what lies between is in the folded state. Throws `store_unavailable`.
 */
export async function readRerun(
  { reruns, scenarios }: Ledger,
  rerunId: string,
): Promise<(ShownRerun & { readonly state: RerunState }) | undefined> {
  const stream = rerunStream(rerunId);
  const state = await reruns.load(stream);
  const { request, revision } = state;
  if (!request) return undefined;
  const recordedAt = async (at: number): Promise<string> => {
    const [stored] = await reruns.events(stream, at, at);
    if (stored) return stored.metadata.recordedAt ?? '';
    throw new TurnledgerError('invariant_broken', { detail: `${stream} has no revision ${at}` });
  };
  const requestedAt = await recordedAt(0);
  // Nothing is recorded of a re-run after its end.
  const endedAt = isRunning(state) ? undefined : await recordedAt(revision);
  const isGate = request.gateVersion !== undefined;
  const gates = isGate ? (await scenarios.load(scenarioStream(request.scenarioId))).gates : [];
  const gate = gates.find((one) => one.rerunId === rerunId);
  return { rerunId, state, requestedAt, ...(endedAt !== undefined && { endedAt }), ...(gate && { gate }) };
}
