import { type TurnRecord, turnInput, visibleState } from '@turnledger/shared/domain';
import type { ChatMessage, ModelRequest } from '@turnledger/shared/ports';
import type { MoveForm } from '@turnledger/shared/runtime';
import { answerOf, assemblePrompt, type PromptParts } from './assemble-prompt.ts';
import type { AskedMove } from './judge-answer.ts';
import { withBlock } from './move-block.ts';
import { answerFormat, moveInstructions } from './move-instructions.ts';

export interface PromptPartsWithMoves extends PromptParts {
  readonly asked: AskedMove;
  /** Why the move of the turn right before was rejected, where that turn is not in the history. */
  readonly rejection?: string | undefined;
  /** What the model wrote in the attempt that this one corrects, as much of it as enters. */
  readonly corrected?: string | undefined;
}

/** Ours, word for word the same each time: what was wrong is seen in the answer above it, and no text of anybody stands in an instruction. */
const CORRECTION = 'Your last answer had no move that the schema allows. Answer once more, with one that it does.';

/**
 * Versions 2 and 3 of the assembler (`promptAssemblers`), for scenarios with moves; like the first one pure, and with its rules. Besides: the
 * instructions end in how to propose a move; a past reply stands as the model was to write it, with its move; the game's reason for a
 * rejection follows it in a message of the game's; a corrective attempt sees the answer that it corrects.
 */
export function assemblePromptWithMoves(parts: PromptPartsWithMoves): ModelRequest {
  const { scenario, history, requested, asked, rejection, corrected } = parts;
  const { persona, view } = scenario;
  const { rules, form } = asked;
  const startsAtFirstTurn = (history[0]?.position ?? requested.position) === 1;
  const instructions = [`You are ${persona.name}.`, persona.instructions, moveInstructions(rules, form)].join('\n\n');
  const messages: ChatMessage[] = [{ role: 'system', content: instructions }];
  if (persona.greeting !== undefined && startsAtFirstTurn)
    messages.push({ role: 'assistant', content: written(persona.greeting, undefined, form) });
  for (const turn of history) messages.push(...turnMessages(turn, form));
  if (rejection !== undefined) messages.push(rejected(rejection));
  const seen = requested.state ? visibleState(requested.state.data, view.model) : undefined;
  if (seen) messages.push({ role: 'user', content: JSON.stringify({ game_state: seen }) });
  messages.push({ role: 'user', content: turnInput(requested.text, requested.trigger) ?? '' });
  if (corrected !== undefined) messages.push(...correctionMessages(corrected));
  // The first version's, which never change: where the request goes and with which parameters has nothing to do with moves.
  const { endpoint, model, parameters } = assemblePrompt({ ...parts, history: [] });
  return { endpoint, model, messages, parameters, ...(form === 'structured' && { format: answerFormat(rules) }) };
}

/** An answer that was wrong, and the demand for another. */
export const correctionMessages = (corrected: string): readonly ChatMessage[] => [
  { role: 'assistant', content: corrected },
  { role: 'user', content: JSON.stringify({ move_invalid: CORRECTION }) },
];

const rejected = (reason: string): ChatMessage => ({
  role: 'user',
  content: JSON.stringify({ move_rejected: { reason } }),
});

function turnMessages(turn: TurnRecord<'opened'>, form: MoveForm): readonly ChatMessage[] {
  const answer = answerOf(turn);
  const input = turnInput(turn.prompt, turn.trigger);
  if (input === undefined || answer === undefined) return [];
  const reason = rejectionOf(turn);
  return [
    { role: 'user', content: input },
    { role: 'assistant', content: written(answer, turn.move, form) },
    ...(reason === undefined ? [] : [rejected(reason)]),
  ];
}

const written = (reply: string, move: TurnRecord<'opened'>['move'], form: MoveForm): string =>
  form === 'block' ? withBlock(reply, move) : JSON.stringify({ reply, move: move ?? null });

/** Why the game rejected the move of a turn; undefined where it did not. */
export const rejectionOf = ({ moveVerdict }: TurnRecord<'opened'>): string | undefined =>
  moveVerdict?.verdict === 'rejected' ? (moveVerdict.reason ?? '') : undefined;
