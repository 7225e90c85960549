import { scenarioStream } from '@turnledger/shared/contracts';
import { closeGate, type RerunOutcome, type RerunState, summariseRerun } from '@turnledger/shared/domain';
import type { RerunPorts, RerunRun } from './rerun-ports.ts';

/** Judges the version that waits for a re-run by what the re-run has come to. Throws `store_unavailable`, `stream_contended`. */
export async function closeGateOf(
  { ledger }: RerunPorts,
  { rerunId, worker }: RerunRun,
  {
    scenarioId,
    outcome,
    state,
  }: { readonly scenarioId: string; readonly outcome: RerunOutcome; readonly state: RerunState },
): Promise<void> {
  const command = { rerunId, outcome, summary: summariseRerun(state) };
  const options = { context: { actor: `system:${worker}`, correlationId: rerunId } };
  await ledger.scenarios.transact(scenarioStream(scenarioId), (scenario) => closeGate(command, scenario), options);
}
