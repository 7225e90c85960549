import { sessionStream } from '@turnledger/shared/contracts';
import {
  type DueSummary,
  type HistoryNode,
  type ScenarioVersion,
  type SessionState,
  summaryDue,
  turnOf,
} from '@turnledger/shared/domain';
import { decodeEvent, pinnedScenario } from '@turnledger/shared/runtime';
import type { WorkerPorts } from './ports.ts';

/** What a session's next turn would be played under, and the summary that is due for it. */
export interface Due {
  readonly scenario: ScenarioVersion;
  readonly due: DueSummary;
}

/**
 * The summary that is due in a session; undefined where its scenario has none, a turn is open, or the window has not moved far enough. Reads
 * nothing that is not in memory already for a session that was just played. Throws `scenario_not_found`, `store_unavailable`.
 */
export async function dueOf({ ledger }: WorkerPorts, sessionId: string, state: SessionState): Promise<Due | undefined> {
  if (state.status !== 'open' || state.openTurnId !== undefined) return undefined;
  const scenario = await pinnedScenario(ledger, state);
  const { summary, windowTurns } = scenario.history;
  if (!summary) return undefined;
  const due = summaryDue(state, { windowTurns, toldFrom: await toldFrom(ledger, sessionId, state) });
  return due && { scenario, due };
}

/** Where the window of the newest prompt began, as its manifest has it; its own turn where it was told none. Undefined without a prompt. */
async function toldFrom(
  { sessions }: WorkerPorts['ledger'],
  sessionId: string,
  state: SessionState,
): Promise<number | undefined> {
  const last = state.history && turnOf(state, state.history.turnId);
  if (!last) return undefined;
  const stored = await sessions.events(sessionStream(sessionId), last.requestedRevision, last.lastRevision);
  const started = stored.findLast(({ type, data }) => type === 'TurnStarted' && data.includes(last.turnId));
  const event = started && decodeEvent(started);
  if (event?.type !== 'TurnStarted') return undefined;
  const { fromTurnId = last.turnId } = event.data.prompt;
  let node: HistoryNode | undefined = state.history;
  while (node && node.turnId !== fromTurnId) node = node.previous;
  return node?.length;
}
