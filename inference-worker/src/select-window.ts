import type { TurnRecord } from '@turnledger/shared/domain';
import { answerOf } from './assemble-prompt.ts';
import { rejectionOf } from './assemble-prompt-with-moves.ts';

/** What chat formats add around each message, in tokens; OpenAI's own count uses 3 to 4. */
export const TOKENS_PER_MESSAGE = 4;

/** A recorded turn's tokens in a prompt: what was counted when it was recorded; for a line that was not, a quarter of its letters. */
export function tokensOf(turn: TurnRecord<'opened'>): number {
  const answer = answerOf(turn);
  if (answer === undefined) return 0;
  const { usage } = turn;
  const answered =
    turn.status === 'completed' && usage ? Math.max(0, usage.output - usage.reasoning) : Math.ceil(answer.length / 4);
  return turn.promptTokens + answered + 2 * TOKENS_PER_MESSAGE + rejectionTokens(rejectionOf(turn));
}

/** What the game's reason for a rejection adds to a prompt, by the same rule of thumb. */
export const rejectionTokens = (reason: string | undefined): number =>
  reason === undefined ? 0 : Math.ceil(reason.length / 4) + TOKENS_PER_MESSAGE;

/**
 * The newest ended turns that fit into a token budget, oldest first; whole turns only, and none older than one that did not fit.
 * Counts nothing anew, so a window of 20 turns of 32 KiB costs no more than one of 20 words.
 */
export function selectWindow(
  turns: readonly TurnRecord<'opened'>[],
  tokenBudget: number,
): { readonly history: readonly TurnRecord<'opened'>[]; readonly tokens: number } {
  let tokens = 0;
  let first = turns.length;
  for (let index = turns.length - 1; index >= 0; index -= 1) {
    const turn = turns[index];
    const cost = turn ? tokensOf(turn) : 0;
    if (tokens + cost > tokenBudget) break;
    tokens += cost;
    first = index;
  }
  return { history: turns.slice(first), tokens };
}
