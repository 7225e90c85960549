import { historyLength } from './effective-history.ts';
import type { HistoryNode, SessionState } from './state.ts';
import type { HeldSummary } from './summary-state.ts';

/** A summary that should be made: of what it would extend, and of which turns. */
export interface DueSummary {
  /** The summary whose text stands for all turns before these. */
  readonly extended?: HeldSummary;
  readonly firstTurnId: string;
  /** The turns behind the window that no summary covers, oldest first, with their positions; at least one. */
  readonly turns: readonly SummarisedTurn[];
}

/** By how many turns the window must have moved on before another summary is worth its price. */
export const summaryStep = (windowTurns: number): number => Math.max(1, Math.ceil(windowTurns / 2));

/** What a prompt takes of a session's history. */
export interface PromptWindow {
  readonly windowTurns: number;
  /** The position of the first turn that the newest prompt was told word for word: later than the window says where tokens cut it. */
  readonly toldFrom?: number | undefined;
  /** What a fork began with, as far as it is effective history, oldest first. */
  readonly inherited?: readonly SummarisedTurn[];
  /** The summaries that hold, oldest first; absent: the session's own. */
  readonly known?: readonly HeldSummary[];
}

export interface SummarisedTurn {
  readonly turnId: string;
  readonly position: number;
}

/**
 * What a summary should cover now: undefined while fewer turns than `summaryStep` stand behind the window without one, or while the window
 * has moved less than that since a model failed one: a failure is retried once per slide.
 */
export function summaryDue(
  state: SessionState,
  { windowTurns, toldFrom = 1, inherited = [], known = state.summaries?.held ?? [] }: PromptWindow,
): DueSummary | undefined {
  const { history, summaries } = state;
  const length = historyLength(state);
  const through = Math.max(length - windowTurns, toldFrom - 1);
  const step = summaryStep(Math.min(windowTurns, length - through));
  const extended = known.at(-1);
  const from = (extended?.throughPosition ?? 0) + 1;
  if (through - from + 1 < step) return undefined;
  const failedAtLength = summaries?.failedAtLength;
  if (failedAtLength !== undefined && length - failedAtLength < step) return undefined;
  const own: SummarisedTurn[] = [];
  for (let node = history; node; node = node.previous) own.push({ turnId: node.turnId, position: node.length });
  const all = [...inherited, ...own.reverse()];
  const turns = all.filter(({ position }) => position >= from && position <= through);
  return { ...(extended && { extended }), firstTurnId: all[0]?.turnId ?? '', turns };
}

/**
 * The summary that a prompt is told before its window: the newest that holds and covers only turns before the window, whose first turn stands
 * at `fromPosition`. Undefined where there is none.
 */
export const summaryBefore = <Summary extends HeldSummary>(
  known: readonly Summary[],
  fromPosition: number,
): Summary | undefined => known.findLast(({ throughPosition }) => throughPosition < fromPosition);

/**
 * Whether that turn stands at that place of effective history; walks back to it. Of the places that a fork shares it is believed which turn
 * stands there, since no event of the fork changes that.
 */
export function standsAt({ history, inherited }: SessionState, turnId: string, position: number): boolean {
  if (position <= (inherited?.position ?? 0)) return true;
  let node: HistoryNode | undefined = history;
  while (node && node.length > position) node = node.previous;
  return node?.length === position && node.turnId === turnId;
}
