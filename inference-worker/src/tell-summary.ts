import { type HeldSummary, type ScenarioVersion, type SessionState, summaryBefore } from '@turnledger/shared/domain';
import { countTokens } from '@turnledger/shared/runtime';
import { SUMMARY_NOTE } from './assemble-prompt-with-summary.ts';
import type { WorkerPorts } from './ports.ts';
import { readSummary } from './read-summary.ts';
import { TOKENS_PER_MESSAGE } from './select-window.ts';

/** How far back a prompt goes, before tokens are looked at. */
export interface PromptReach {
  /** Turns of the window. */
  readonly turns: number;
  /** What stands for the turns before them. */
  readonly summary?: HeldSummary;
}

/**
 * The reach of a prompt for the turn at a position. The summary is the newest that holds and covers only turns before the plain window; the
 * window is then widened to begin right behind it, up to twice its turns, so that nothing falls between the two and prompts that follow
 * each other begin alike. What is further behind, because summaries failed, is not told.
 */
export function promptReach({ history }: ScenarioVersion, state: SessionState, position: number): PromptReach {
  const { windowTurns, summary: config } = history;
  const summary = config && summaryBefore(state, position - windowTurns);
  if (!summary) return { turns: windowTurns };
  return { summary, turns: Math.min(position - 1 - summary.throughPosition, 2 * windowTurns) };
}

/** The summary's text and what it adds to a prompt; undefined where it does not fit into the tokens that are left. Throws as readSummary does. */
export async function tellSummary(
  ports: WorkerPorts,
  session: { readonly sessionId: string; readonly keyId: string },
  summary: HeldSummary,
  tokensLeft: number,
): Promise<{ readonly text: string; readonly tokens: number } | undefined> {
  const tokens = summary.tokens + (await countTokens(SUMMARY_NOTE)) + TOKENS_PER_MESSAGE;
  return tokens > tokensLeft ? undefined : { tokens, text: await readSummary(ports, session, summary) };
}
