import { describe, expect, test } from '@jest/globals';
import { limits } from '@turnledger/shared/contracts';
import { compileMoves, type MoveRules } from '@turnledger/shared/runtime';
import { readAnswer } from './read-move.ts';

const schema = { type: 'object', required: ['verb'], properties: { verb: { enum: ['go', 'stay'] } } };
const rules = (
  mode: 'optional' | 'required',
  of: { readonly [name: string]: never } | typeof schema = schema,
): MoveRules => {
  const compiled = compileMoves({ mode, schema: of });
  if (!compiled) throw new TypeError('these have moves');
  return compiled;
};
const block = (json: string) => `I go.\n\`\`\`move\n${json}\n\`\`\``;
const structured = (move: unknown, reply: unknown = 'I go.') => JSON.stringify({ reply, move });
const nested = (levels: number): string => `{"verb":"go","a":${'['.repeat(levels)}${']'.repeat(levels)}}`;
const keys = (count: number): string =>
  JSON.stringify({ verb: 'go', ...Object.fromEntries(Array.from({ length: count }, (_, n) => [`key${n}`, n])) });

const said = { outcome: 'read', reply: 'I go.' };
const invalid = { outcome: 'invalid', reply: 'I go.' };

describe('an answer with a block', () => {
  test.each([
    ['a move', block('{"verb":"go"}'), { ...said, move: { verb: 'go' } }],
    ['a move over many lines', block('{\n  "verb": "go"\n}\n'), { ...said, move: { verb: 'go' } }],
    ['none', 'I go.', said],
    ['one that the schema does not allow', block('{"verb":"fly"}'), invalid],
    ['one that is no JSON', block('go'), invalid],
    ['one that is no object', block('["go"]'), invalid],
    ['null', block('null'), said],
    ['nothing in the block', block(''), invalid],
    ['words after it', `${block('{"verb":"go"}')}\nNow.`, invalid],
    ['10,000 keys', block(keys(10_000)), invalid],
    ['more depth than the edge takes', block(nested(limits.http.maxJsonDepth)), invalid],
    ['a depth that would break a recursion', block(nested(30_000)), invalid],
    ['half a surrogate pair', block('{"verb":"go","a":"\\ud800"}'), invalid],
    ['a number beyond all numbers', block('{"verb":"go","a":-1e999}'), invalid],
    ['a name that is no name', block('{"verb":"go","__proto__":{}}'), invalid],
    ['a move and no words', block('{"verb":"go"}').slice('I go.'.length), { outcome: 'silent' }],
  ])('%s is read so', (_what, text, answer) => {
    expect(readAnswer(text, rules('optional'), 'block')).toEqual(answer);
  });

  test('is invalid without a move where one is required', () => {
    expect(readAnswer('I go.', rules('required'), 'block')).toEqual(invalid);
    expect(readAnswer(block('null'), rules('required'), 'block')).toEqual(invalid);
  });

  test('has a move of the bound at most', () => {
    const padded = (bytes: number) =>
      JSON.stringify({ verb: 'go', a: 'x'.repeat(bytes - '{"verb":"go","a":""}'.length) });
    const outcome = (bytes: number) => readAnswer(block(padded(bytes)), rules('optional'), 'block').outcome;
    expect([limits.moves.maxBytes, limits.moves.maxBytes + 1].map(outcome)).toEqual(['read', 'invalid']);
  });
});

describe('a structured answer', () => {
  test.each([
    ['a move', structured({ verb: 'go' }), { ...said, move: { verb: 'go' } }],
    ['null for none', structured(null), said],
    ['no member for none', structured(undefined), said],
    ['a move that the schema does not allow', structured({ verb: 'fly' }), invalid],
    ['a list for a move', structured([]), invalid],
    [
      'plain words, from an endpoint that does not do what its operator said',
      'I go.',
      { outcome: 'invalid', reply: '' },
    ],
    ['half of its JSON', structured({ verb: 'go' }).slice(0, -2), { outcome: 'invalid', reply: '' }],
    ['no reply', JSON.stringify({ move: null }), { outcome: 'invalid', reply: '' }],
    ['an empty reply', structured({ verb: 'go' }, ' '), { outcome: 'silent' }],
  ])('%s is read so', (_what, text, answer) => {
    expect(readAnswer(text, rules('optional'), 'structured')).toEqual(answer);
  });

  test('is invalid without a move where one is required', () => {
    expect(readAnswer(structured(null), rules('required'), 'structured')).toEqual(invalid);
  });
});
