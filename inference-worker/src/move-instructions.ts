import type { Json } from '@turnledger/shared/domain';
import type { MoveForm, MoveRules } from '@turnledger/shared/runtime';

const openings = {
  optional: 'With your answer you may propose one move of the game.',
  required: 'With every answer you propose one move of the game.',
} as const;

const places = {
  block:
    'Write it at the very end, after all of your words, as one JSON object in a block that begins with ```move and ends with ```. Nothing follows the block.',
  structured: 'Answer with one JSON object: `reply` is what you say, and `move` is the move',
} as const;

/** The part of the instructions that is about moves; ours, but for the schema, which is the designer's. */
export function moveInstructions({ mode, schema }: Pick<MoveRules, 'mode' | 'schema'>, form: MoveForm): string {
  const place = form === 'block' ? places.block : `${places.structured}${mode === 'optional' ? ', or null' : ''}.`;
  return [
    '## Moves',
    `${openings[mode]} ${place}`,
    'A message {"move_rejected":…} tells why the game did not allow your last move. A message {"move_invalid":…} asks you to answer once more, with a move that is allowed.',
    'A move is an object that this JSON schema allows:',
    JSON.stringify(schema),
  ].join('\n');
}

/** What an endpoint with structured output is told an answer looks like. The definitions stand at the top, where references look for them. */
export function answerFormat({ mode, schema }: Pick<MoveRules, 'mode' | 'schema'>): {
  readonly name: string;
  readonly schema: { readonly [name: string]: Json };
} {
  const { $defs, $schema: _dialect, ...move } = schema;
  return {
    name: 'answer',
    schema: {
      type: 'object',
      properties: { reply: { type: 'string' }, move: mode === 'required' ? move : { anyOf: [move, { type: 'null' }] } },
      required: ['reply', 'move'],
      additionalProperties: false,
      ...($defs !== undefined && { $defs }),
    },
  };
}
