import type { ScenarioVersion, TurnRecord } from '@turnledger/shared/domain';
import type { HistoryTurn } from '@turnledger/shared/runtime';
import type { KnownSummary } from './known-summaries.ts';
import { tokensOf } from './select-window.ts';
import { summaryTokens, type ToldHistory } from './tell-summary.ts';

/** What a recorded prompt told of its session's past, as its manifest has it. */
export interface ToldPast {
  /** By whose rules. */
  readonly scenarioVersion: number;
  /** The first turn that stood there word for word; absent where none did. */
  readonly fromTurnId?: string;
  /** Before that turn; its session may hold it no more. */
  readonly summary?: KnownSummary;
}

/**
 * What is told again, and not chosen anew: under the same rules the choice would come out alike, but for what rewinds have taken from the sessions
 * since. Under another scenario version it is that version's to choose.
 */
export const toldUnder = (told: ToldPast | undefined, { version }: ScenarioVersion): ToldPast | undefined =>
  told?.scenarioVersion === version ? told : undefined;

/** Of the turns right before one that is asked again, oldest first, those that were told; the newest `atLeast` where fewer were. */
export function windowTold(
  turns: readonly HistoryTurn[],
  { fromTurnId }: ToldPast,
  atLeast: number,
): readonly HistoryTurn[] {
  const first = turns.findIndex(({ turn }) => turn.turnId === fromTurnId);
  const count = Math.max(first < 0 ? 0 : turns.length - first, atLeast);
  return count === 0 ? [] : turns.slice(-count);
}

/** Tells of turns what a recorded prompt told of them. */
export async function tellAgain(
  turns: readonly TurnRecord<'opened'>[],
  { fromTurnId, summary }: ToldPast,
): Promise<ToldHistory> {
  const first = turns.findIndex(({ turnId }) => turnId === fromTurnId);
  const history = first < 0 ? [] : turns.slice(first);
  const tokens = history.reduce((sum, turn) => sum + tokensOf(turn), 0);
  return summary ? { history, summary, tokens: tokens + (await summaryTokens(summary)) } : { history, tokens };
}
