import { describe, expect, test } from '@jest/globals';
import type { Json } from '../../domain/index.ts';
import { proposedMove } from './propose-move.ts';

const asked = (schema: { readonly [name: string]: Json }) =>
  proposedMove([
    {
      role: 'system',
      content: `You are Troll.\n\n## Moves\nA move is an object that this JSON schema allows:\n${JSON.stringify(schema)}`,
    },
    { role: 'user', content: 'And now?' },
  ]);
const moveIn = (block: string): unknown => JSON.parse(/^\n\n```move\n(.*)\n```$/.exec(block)?.[1] ?? 'null');

describe('the move of the scripted model', () => {
  test.each<[string, { readonly [name: string]: Json }, unknown]>([
    ['what is required, and no more', { required: ['a'], properties: { a: { type: 'boolean' }, b: {} } }, { a: false }],
    ['the first of a list', { required: ['verb'], properties: { verb: { enum: ['go', 'stay'] } } }, { verb: 'go' }],
    [
      'a default before the first of a list',
      { required: ['v'], properties: { v: { enum: [1, 2], default: 2 } } },
      { v: 2 },
    ],
    ['an example of the whole', { type: 'object', examples: [{ from: 'e2', to: 'e4' }] }, { from: 'e2', to: 'e4' }],
    [
      'the first alternative, by its definition',
      {
        oneOf: [{ $ref: '#/$defs/go' }],
        $defs: { go: { type: 'object', required: ['go'], properties: { go: { const: true } } } },
      },
      { go: true },
    ],
    [
      'the least of each type',
      {
        required: ['i', 's', 'l', 'n'],
        properties: {
          i: { type: 'integer', minimum: 3 },
          s: { type: 'string', minLength: 2 },
          l: { type: 'array', minItems: 2, items: { type: 'null' } },
          n: { type: ['number', 'null'] },
        },
      },
      { i: 3, s: 'xx', l: [null, null], n: 0 },
    ],
  ])('is %s', (_what, schema, move) => {
    expect(moveIn(asked(schema))).toEqual(move);
  });

  test('is none where the schema is beyond it, or none is asked for', () => {
    expect(asked({ required: ['a'], properties: { a: { allOf: [], type: 'mystery' } } })).toBe('');
    expect(proposedMove([{ role: 'system', content: 'You are Troll.' }])).toBe('');
  });

  test('is none where its lists in lists would be more than a move may be', () => {
    const listOf = (items: Json, minItems: number): Json => ({ type: 'array', minItems, items });
    const lists = (levels: number): Json => (levels === 0 ? { type: 'null' } : listOf(lists(levels - 1), 64));
    const least = (a: Json) => asked({ type: 'object', required: ['a'], properties: { a } });
    expect(moveIn(least(lists(1)))).toEqual({ a: Array.from({ length: 64 }, () => null) });
    expect(least(lists(4))).toBe('');
  });
});
