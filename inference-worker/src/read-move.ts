import { limits } from '@turnledger/shared/contracts';
import type { Json, Move } from '@turnledger/shared/domain';
import { isSoundJson, type MoveForm, type MoveRules, visibleText } from '@turnledger/shared/runtime';
import { blockIn } from './move-block.ts';

/** What was said, and what was proposed with it. `reply` of an invalid one is what a player may have seen of it. */
export type ReadAnswer =
  | { readonly outcome: 'read'; readonly reply: string; readonly move?: Move }
  | { readonly outcome: 'invalid'; readonly reply: string }
  /** Nothing was said: a move alone would leave the character mute. */
  | { readonly outcome: 'silent' };

/**
 * Takes an answer apart. A move is valid that is JSON which can be stored and read back the same everywhere, at most limits.moves.maxBytes
 * of it, and allowed by the schema; none is valid where moves are optional. Never throws for what a model wrote.
 */
export function readAnswer(text: string, rules: MoveRules, form: MoveForm): ReadAnswer {
  return form === 'block' ? readBlock(text, rules) : readStructured(text, rules);
}

function readBlock(text: string, rules: MoveRules): ReadAnswer {
  const reply = visibleText(text);
  if (reply.trim() === '') return { outcome: 'silent' };
  const block = blockIn(text);
  return withMove(reply, block === undefined ? null : parsed(block), rules);
}

function readStructured(text: string, rules: MoveRules): ReadAnswer {
  const answer = parsed(text);
  if (!isObject(answer) || typeof answer.reply !== 'string') return { outcome: 'invalid', reply: '' };
  const { reply, move = null } = answer;
  if (reply.trim() === '') return { outcome: 'silent' };
  return withMove(reply, move, rules);
}

/** `move`: null where none was proposed, undefined where one was that cannot be read. */
function withMove(reply: string, move: Json | undefined, rules: MoveRules): ReadAnswer {
  if (move === null) return rules.mode === 'optional' ? { outcome: 'read', reply } : { outcome: 'invalid', reply };
  return isObject(move) && isBounded(move) && rules.allows(move)
    ? { outcome: 'read', reply, move }
    : { outcome: 'invalid', reply };
}

/** Depth first: what is too deep could not be written as JSON either. */
const isBounded = (move: Move): boolean =>
  isSoundJson(move) && Buffer.byteLength(JSON.stringify(move)) <= limits.moves.maxBytes;

const isObject = (value: Json | undefined): value is Move =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
