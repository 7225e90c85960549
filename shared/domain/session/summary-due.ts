import type { HistoryNode, SessionState } from './state.ts';
import type { HeldSummary } from './summary-state.ts';

/** A summary that should be made: of what it would extend, and of which turns. */
export interface DueSummary {
  /** The summary whose text stands for all turns before these. */
  readonly extended?: HeldSummary;
  readonly firstTurnId: string;
  /** The turns behind the window that no summary covers, oldest first, with their positions; at least one. */
  readonly turns: readonly { readonly turnId: string; readonly position: number }[];
}

/** By how many turns the window must have moved on before another summary is worth its price. */
export const summaryStep = (windowTurns: number): number => Math.max(1, Math.ceil(windowTurns / 2));

/** What a prompt takes of a session's history. */
export interface PromptWindow {
  readonly windowTurns: number;
  /** The position of the first turn that the newest prompt was told word for word: later than the window says where tokens cut it. */
  readonly toldFrom?: number | undefined;
}

/**
 * What a summary should cover now: undefined while fewer turns than `summaryStep` stand behind the window without one, or while the window
 * has moved less than that since a model failed one: a failure is retried once per slide.
 */
export function summaryDue(
  { history, summaries }: SessionState,
  { windowTurns, toldFrom = 1 }: PromptWindow,
): DueSummary | undefined {
  const length = history?.length ?? 0;
  const through = Math.max(length - windowTurns, toldFrom - 1);
  const step = summaryStep(Math.min(windowTurns, length - through));
  const extended = summaries?.held.at(-1);
  const from = (extended?.throughPosition ?? 0) + 1;
  if (through - from + 1 < step) return undefined;
  const failedAtLength = summaries?.failedAtLength;
  if (failedAtLength !== undefined && length - failedAtLength < step) return undefined;
  const turns: { turnId: string; position: number }[] = [];
  let firstTurnId = '';
  for (let node = history; node; node = node.previous) {
    if (node.length >= from && node.length <= through) turns.push({ turnId: node.turnId, position: node.length });
    firstTurnId = node.turnId;
  }
  return { ...(extended && { extended }), firstTurnId, turns: turns.toReversed() };
}

/**
 * The summary that a prompt is told before its window: the newest that holds and covers only turns before the window, whose first turn stands
 * at `fromPosition`. Undefined where there is none.
 */
export const summaryBefore = ({ summaries }: SessionState, fromPosition: number): HeldSummary | undefined =>
  summaries?.held.findLast(({ throughPosition }) => throughPosition < fromPosition);

/** Whether that turn stands at that place of effective history; walks back to it. */
export function standsAt({ history }: SessionState, turnId: string, position: number): boolean {
  let node: HistoryNode | undefined = history;
  while (node && node.length > position) node = node.previous;
  return node?.length === position && node.turnId === turnId;
}
