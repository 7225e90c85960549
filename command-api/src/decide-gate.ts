import { limits, rerunStream, scenarioStream } from '@turnledger/shared/contracts';
import {
  type Decision,
  type OpenGate,
  openGate,
  openGateOf,
  type ScenarioEvent,
  type ScenarioState,
} from '@turnledger/shared/domain';
import type { CommandPorts } from './ports.ts';

/**
 * Whether a gate may be opened on a scenario as it stands. One whose re-run was never recorded is in nobody's way after
 * limits.rerun.abandonedGateMs. Throws `store_unavailable`.
 */
export async function decideGate(
  ports: CommandPorts,
  scenarioId: string,
  gate: Omit<OpenGate, 'abandonedRerunId'>,
  state: ScenarioState,
): Promise<Decision<ScenarioEvent, GateRefusal>> {
  const abandonedRerunId = await abandonedGate(ports, scenarioId, state);
  return openGate({ ...gate, ...(abandonedRerunId !== undefined && { abandonedRerunId }) }, state);
}

type GateRefusal =
  | 'scenario_not_found'
  | 'scenario_retired'
  | 'gate_open'
  | 'version_promoted'
  | 'idempotency_key_reused';

/** What the open gate waits for in vain; undefined where there is none, or where it may still come. */
async function abandonedGate(
  { ledger, clock }: CommandPorts,
  scenarioId: string,
  state: ScenarioState,
): Promise<string | undefined> {
  const open = openGateOf(state);
  if (!open) return undefined;
  const { request } = await ledger.reruns.load(rerunStream(open.rerunId));
  if (request) return undefined;
  const events = await ledger.scenarios.events(scenarioStream(scenarioId), 0, state.revision);
  // The open one is the last that was opened.
  const openedAt = events.findLast(({ type }) => type === 'ScenarioGateOpened')?.metadata.recordedAt ?? '';
  const ageMs = clock.nowMs() - Date.parse(openedAt);
  return ageMs > limits.rerun.abandonedGateMs ? open.rerunId : undefined;
}
