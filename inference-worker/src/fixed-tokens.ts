import { limits } from '@turnledger/shared/contracts';
import { type ScenarioVersion, visibleState } from '@turnledger/shared/domain';
import { countTokens } from '@turnledger/shared/runtime';
import { LRUCache } from 'lru-cache';
import type { PromptParts } from './assemble-prompt.ts';
import type { AskedMove } from './judge-answer.ts';
import { moveInstructions } from './move-instructions.ts';
import { TOKENS_PER_MESSAGE } from './select-window.ts';

/**
 * What the game’s state adds to a prompt at most. Of it only what the model may see enters, but a part that two pointers name enters twice: 14
 * of them, one inside another, made 14 states of one.
 */
export async function stateTokens(
  { state }: Pick<PromptParts['requested'], 'state'>,
  pointers: readonly string[],
): Promise<number> {
  if (!state) return 0;
  const whole = JSON.stringify(state.data);
  const shown = JSON.stringify({ game_state: visibleState(state.data, pointers) });
  return (await countTokens(shown.length > whole.length ? shown : whole)) + TOKENS_PER_MESSAGE;
}

const countedInstructions = new LRUCache<string, number>({ max: limits.worker.concurrency * 16 });

/** Instructions are counted once per scenario version, form of its moves, and process. */
export async function instructionTokens(
  scenarioId: string,
  { persona, version, configHash }: ScenarioVersion,
  moves: AskedMove | undefined,
): Promise<number> {
  const key = `${scenarioId}@${version}:${configHash}:${moves?.form ?? 'none'}`;
  const known = countedInstructions.get(key);
  if (known !== undefined) return known;
  const aboutMoves = moves ? moveInstructions(moves.rules, moves.form) : '';
  const text = `${persona.name}${persona.instructions}${persona.greeting ?? ''}${aboutMoves}`;
  const tokens = (await countTokens(text)) + 3 * TOKENS_PER_MESSAGE;
  countedInstructions.set(key, tokens);
  return tokens;
}
