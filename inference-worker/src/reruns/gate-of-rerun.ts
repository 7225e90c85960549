import { scenarioStream } from '@turnledger/shared/contracts';
import {
  closeGate,
  type RerunOutcome,
  type RerunRequest,
  type RerunState,
  summariseRerun,
} from '@turnledger/shared/domain';
import type { RerunPorts, RerunRun } from './rerun-ports.ts';
import { contextOf } from './run-context.ts';

/** Judges the version that waits for a re-run by what the re-run has come to. True where that has decided on it. Throws `store_unavailable`, `stream_contended`. */
export async function closeGateOf(
  { ledger }: RerunPorts,
  run: RerunRun,
  {
    scenarioId,
    outcome,
    state,
  }: { readonly scenarioId: string; readonly outcome: RerunOutcome; readonly state: RerunState },
): Promise<boolean> {
  const { rerunId } = run;
  const command = { rerunId, outcome, summary: summariseRerun(state) };
  const options = { context: contextOf(run) };
  const stream = scenarioStream(scenarioId);
  const closed = await ledger.scenarios.transact(stream, (scenario) => closeGate(command, scenario), options);
  const verdict = closed.state.gates.find((gate) => gate.rerunId === rerunId)?.outcome;
  return verdict === 'passed' || verdict === 'failed';
}

/** Whether the gate that a re-run was asked for is over without a verdict, given up or closed before a crash: it would spend money that decides nothing. */
export async function isGateGivenUp(
  { ledger }: RerunPorts,
  rerunId: string,
  { gateVersion, scenarioId }: RerunRequest,
): Promise<boolean> {
  if (gateVersion === undefined) return false;
  const { gates } = await ledger.scenarios.load(scenarioStream(scenarioId));
  return gates.some(
    (gate) => gate.rerunId === rerunId && (gate.outcome === 'abandoned' || gate.outcome === 'incomplete'),
  );
}
