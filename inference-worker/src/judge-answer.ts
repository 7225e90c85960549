import { MOVE_INVALID } from '@turnledger/shared/domain';
import { type MoveForm, type MoveRules, visibleText } from '@turnledger/shared/runtime';
import { gateBlock } from './move-block.ts';
import type { Completion } from './read-completion.ts';
import { readAnswer } from './read-move.ts';

/** How an attempt asks for a move. */
export interface AskedMove {
  readonly rules: MoveRules;
  readonly form: MoveForm;
}

/**
 * What became of a call that was asked for a move as well: a whole answer becomes the reply that players see and its move, or a failure where
 * the move is not valid (rule 8). Without moves, and of what failed anyway, only what a player may see is parted from what was written.
 */
export function judgeAnswer(completion: Completion, asked: AskedMove | undefined): Completion {
  if (!asked) return completion;
  if (completion.kind !== 'completed') {
    const { partial: raw } = completion;
    return { ...completion, raw, partial: asked.form === 'block' ? visibleText(raw) : '' };
  }
  const { text: raw, ending } = completion;
  const answer = readAnswer(raw, asked.rules, asked.form);
  const usage = ending.usage && { usage: ending.usage };
  switch (answer.outcome) {
    case 'read':
      return { ...completion, raw, text: answer.reply, ...(answer.move && { move: answer.move }) };
    case 'invalid':
      return { kind: 'failed', code: MOVE_INVALID, partial: answer.reply, raw, ...usage };
    case 'silent':
      return { kind: 'failed', code: 'model_empty', partial: '', raw, ...usage };
  }
}

/** The way of a text from the model to those who read along. */
export interface ShownText {
  push(text: string): void;
  /** Shows what is left, once it is known what the whole came to. */
  end(judged: Completion): void;
}

/**
 * Shows a reply as it comes, and never a move. Of a structured answer nothing is shown before it is whole and valid, then all of its reply
 * at once: the text that arrives is JSON, whose `reply` could be shown a piece at a time only by a parser of half documents, for answers
 * that are short where a move is the point, and might be taken back a moment later. Whoever wants to see words arrive leaves the flag off.
 */
export function showText(asked: AskedMove | undefined, show: (text: string) => void): ShownText {
  if (!asked) return { push: show, end: () => {} };
  if (asked.form === 'block') return gateBlock(show);
  return {
    push: () => {},
    end: (judged) => {
      if (judged.kind === 'completed') show(judged.text);
    },
  };
}
