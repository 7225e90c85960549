import { sessionStream } from '@turnledger/shared/contracts';
import {
  type DueSummary,
  type HistoryNode,
  type ScenarioVersion,
  type SessionState,
  type SummarisedTurn,
  summaryDue,
  turnOf,
} from '@turnledger/shared/domain';
import { decodeEvent, pinnedScenario } from '@turnledger/shared/runtime';
import { inheritedOf, type KnownSummary, knownSummaries } from './known-summaries.ts';
import type { WorkerPorts } from './ports.ts';

/** What a session's next turn would be played under, and the summary that is due for it. */
export interface Due {
  readonly scenario: ScenarioVersion;
  readonly due: DueSummary;
  /** The summary that it extends, with where it is recorded. */
  readonly extended: KnownSummary | undefined;
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
  const inherited = await inheritedOf(ledger, sessionId, state);
  const known = knownSummaries(state, inherited);
  const shared = inherited.turns.map(({ turn: { turnId, position } }) => ({ turnId, position }));
  const told = await toldFrom(ledger, sessionId, state, shared);
  const due = summaryDue(state, { windowTurns, toldFrom: told, inherited: shared, known });
  return due && { scenario, due, extended: known.find(({ summaryId }) => summaryId === due.extended?.summaryId) };
}

/** Where the window of the newest prompt began, as its manifest has it; its own turn where it was told none. Undefined without a prompt. */
async function toldFrom(
  { sessions }: WorkerPorts['ledger'],
  sessionId: string,
  state: SessionState,
  shared: readonly SummarisedTurn[],
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
  return node?.length ?? shared.find(({ turnId }) => turnId === fromTurnId)?.position;
}
