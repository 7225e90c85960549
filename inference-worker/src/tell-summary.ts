import { type HeldSummary, type ScenarioVersion, summaryBefore, type TurnRecord } from '@turnledger/shared/domain';
import { countTokens } from '@turnledger/shared/runtime';
import { SUMMARY_NOTE } from './assemble-prompt-with-summary.ts';
import type { KnownSummary } from './known-summaries.ts';
import { selectWindow, TOKENS_PER_MESSAGE } from './select-window.ts';

/**
 * How many turns back a prompt for the turn at a position may go, before tokens are looked at: the scenario's window, widened so that it begins
 * right behind the newest summary of turns before it, up to twice its turns. So nothing falls between the two, and prompts that follow each
 * other begin alike.
 */
export function promptReach({ history }: ScenarioVersion, known: readonly HeldSummary[], position: number): number {
  const { windowTurns, summary: config } = history;
  const summary = config && summaryBefore(known, position - windowTurns);
  return summary ? Math.min(position - 1 - summary.throughPosition, 2 * windowTurns) : windowTurns;
}

/** What of a session's past enters a prompt. */
export interface ToldHistory {
  /** Word for word, oldest first. */
  readonly history: readonly TurnRecord<'opened'>[];
  /** Before them. */
  readonly summary?: KnownSummary;
  /** Of both, with what stands around them. */
  readonly tokens: number;
}

export interface TellableHistory {
  /** As far back as `promptReach` goes, oldest first. */
  readonly turns: readonly TurnRecord<'opened'>[];
  /** Of the turn that is asked for. */
  readonly position: number;
  readonly windowTurns: number;
  readonly tokenBudget: number;
  /** The summaries that may be told, oldest first; absent where the scenario has none. */
  readonly known?: readonly KnownSummary[];
}

/**
 * The newest turns that fit, and the newest summary of turns before all of those. Where tokens cut the window, a newer summary may cover what
 * was cut; it takes the place of the older one, and no turn is told twice. A summary that does not fit is not told, and the window is the
 * scenario's. What is further behind than both reach, because summaries failed, is not told either.
 */
export async function tellHistory(past: TellableHistory): Promise<ToldHistory> {
  const { turns, position, windowTurns, tokenBudget, known } = past;
  if (!known) return selectWindow(turns, tokenBudget);
  let told: ToldHistory = selectWindow(turns, tokenBudget);
  for (;;) {
    const summary = summaryBefore(known, told.history[0]?.position ?? position);
    // Each is of more turns than the one before, or the same one, which is the end.
    if (!summary || summary === told.summary) return told;
    const ownTokens = await summaryTokens(summary);
    if (ownTokens > tokenBudget) return selectWindow(windowTurns === 0 ? [] : turns.slice(-windowTurns), tokenBudget);
    const after = turns.filter((turn) => turn.position > summary.throughPosition);
    const { history, tokens } = selectWindow(after, tokenBudget - ownTokens);
    told = { history, summary, tokens: tokens + ownTokens };
  }
}

/** What a summary adds to a prompt, in tokens: its text and our sentence about it. */
export const summaryTokens = async ({ tokens }: HeldSummary): Promise<number> =>
  tokens + (await countTokens(SUMMARY_NOTE)) + TOKENS_PER_MESSAGE;
