import { limits } from '@turnledger/shared/contracts';
import type { ScenarioVersion } from '@turnledger/shared/domain';
import { countTokens } from '@turnledger/shared/runtime';
import { LRUCache } from 'lru-cache';
import type { PromptParts } from './assemble-prompt.ts';
import type { AskedMove } from './judge-answer.ts';
import { moveInstructions } from './move-instructions.ts';
import { TOKENS_PER_MESSAGE } from './select-window.ts';

/** What the game’s state adds to a prompt at most: only what the model may see of it enters. */
export const stateTokens = async ({ state }: PromptParts['requested']): Promise<number> =>
  state ? (await countTokens(JSON.stringify(state.data))) + TOKENS_PER_MESSAGE : 0;

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
