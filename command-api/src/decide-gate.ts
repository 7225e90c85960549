import { limits, rerunStream, scenarioStream } from '@turnledger/shared/contracts';
import {
  type Decision,
  type OpenGate,
  openGate,
  openGateOf,
  refused,
  type ScenarioEvent,
  type ScenarioState,
} from '@turnledger/shared/domain';
import { contentHash } from '@turnledger/shared/trust';
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
  const own = state.gates.find(({ rerunId }) => rerunId === gate.rerunId);
  // Its re-run is not there: the request died between the two, and may be repeated until another has taken its place.
  if (own && (own.outcome !== undefined || !isSame(own, gate))) return refused('idempotency_key_reused');
  const abandonedRerunId = await abandonedGate(ports, scenarioId, state);
  return openGate({ ...gate, ...(abandonedRerunId !== undefined && { abandonedRerunId }) }, state);
}

type GateRefusal =
  | 'scenario_not_found'
  | 'scenario_retired'
  | 'gate_open'
  | 'version_promoted'
  | 'idempotency_key_reused';

type Held = Pick<OpenGate, 'version' | 'thresholds'>;

const isSame = (one: Held, other: Held): boolean =>
  one.version === other.version && contentHash(one.thresholds) === contentHash(other.thresholds);

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
