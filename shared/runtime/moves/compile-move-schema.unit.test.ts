import { describe, expect, test } from '@jest/globals';
import { limits } from '../../contracts/index.ts';
import type { Json } from '../../domain/index.ts';
import { compileMoves } from './compile-move-schema.ts';

type Schema = { readonly [name: string]: Json };

const verbs = { type: 'object', required: ['verb'], properties: { verb: { enum: ['go', 'stay'] } } };
const optional = (schema: Schema) => compileMoves({ mode: 'optional', schema });
/** What a refused schema is told: where, and what is wrong there. */
function refusal(schema: Schema): { readonly code: string; readonly pointer: string; readonly message: string } {
  try {
    optional(schema);
  } catch (thrown) {
    const { code, extras } = thrown as {
      code: string;
      extras: { fields: readonly [{ pointer: string; message: string }] };
    };
    return { code, ...extras.fields[0] };
  }
  return { code: 'none', pointer: '', message: '' };
}

describe('a schema of moves', () => {
  test('tells a move that it allows from one that it does not', () => {
    const rules = optional(verbs);
    expect([{ verb: 'go' }, { verb: 'fly' }, {}].map((move) => rules?.allows(move))).toEqual([true, false, false]);
  });

  test('may be made of definitions, used as often as needed', () => {
    const square = { type: 'integer', minimum: 0, maximum: 63 };
    const rules = optional({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      properties: { from: { $ref: '#/$defs/square' }, to: { $ref: '#/$defs/square' } },
      required: ['from', 'to'],
      additionalProperties: false,
      $defs: { square },
    });
    expect(
      [
        { from: 1, to: 2 },
        { from: 1, to: 64 },
      ].map((move) => rules?.allows(move)),
    ).toEqual([true, false]);
  });

  test('is compiled in no time, however often a long definition is used', () => {
    const place = { type: 'object', required: Array.from({ length: 199 }, (_, index) => `n${index}`) };
    const places = Array.from({ length: 140 }, (_, index) => [`p${index}`, { $ref: '#/$defs/place' }]);
    const startedMs = performance.now();
    optional({ type: 'object', properties: Object.fromEntries(places), $defs: { place } });
    expect(performance.now() - startedMs).toBeLessThan(1_000);
  });

  test('sees what a move has itself, and not what every object has', () => {
    expect(optional({ type: 'object', required: ['toString'] })?.allows({})).toBe(false);
  });

  test('may have keywords as the names of its properties, and as values', () => {
    const rules = optional({
      type: 'object',
      properties: { pattern: { const: { format: 'x' } }, $ref: { type: 'string' } },
    });
    expect(rules?.allows({ pattern: { format: 'x' }, $ref: 'a' })).toBe(true);
  });

  test('is not needed where there are no moves, and is checked where it is given all the same', () => {
    expect(compileMoves({ mode: 'none' })).toBeUndefined();
    expect(compileMoves({ mode: 'none', schema: verbs })).toBeUndefined();
    expect(() => compileMoves({ mode: 'none', schema: { type: 'banana' } })).toThrow(
      expect.objectContaining({ code: 'move_schema_invalid' }),
    );
  });
});

describe('a schema that is refused', () => {
  test.each<[string, Schema, string, RegExp]>([
    ['with a type that is none', { type: 'object', properties: { a: { type: 'banana' } } }, '', /schema is invalid/],
    ['with a keyword that is none', { type: 'object', propertys: {} }, '/propertys', /not a keyword/],
    [
      'with something else in the place of a schema',
      { type: 'object', properties: { a: 7 } },
      '/properties/a',
      /not a schema/,
    ],
    ['with a list for a map', { type: 'object', properties: [] }, '/properties', /an object of schemas/],
    ['with a map for a list', { anyOf: {} }, '/anyOf', /a list of schemas/],
    ['for something else than an object', { type: 'string' }, '/type', /a move is an object/],
    ['of another dialect', { $schema: 'http://json-schema.org/draft-07/schema#' }, '/$schema', /2020-12/],
    [
      'with a pattern',
      { type: 'object', properties: { a: { type: 'string', pattern: '(a+)+$' } } },
      '/properties/a/pattern',
      /for ever/,
    ],
    ['with patterns for names', { type: 'object', patternProperties: {} }, '/patternProperties', /for ever/],
    [
      'with a format, which nobody would check',
      { properties: { a: { format: 'date' } } },
      '/properties/a/format',
      /not be checked/,
    ],
    ['with an address', { $id: 'https://example.org/a' }, '/$id', /one document/],
    [
      'that refers elsewhere',
      { properties: { a: { $ref: 'https://example.org/a' } } },
      '/properties/a/$ref',
      /#\/\$defs/,
    ],
    [
      'that refers to what is not there',
      { properties: { a: { $ref: '#/$defs/b' } } },
      '/properties/a/$ref',
      /that is there/,
    ],
    [
      'that refers to what every object has',
      { properties: { a: { $ref: '#/$defs/toString' } } },
      '/properties/a/$ref',
      /that is there/,
    ],
    ['with definitions inside', { properties: { a: { $defs: {} } } }, '/properties/a/$defs', /at the top alone/],
    ['that refers to itself', { properties: { a: { $ref: '#' } } }, '/properties/a/$ref', /#\/\$defs/],
  ])('%s is told so, and where', (_what, schema, place, message) => {
    expect(refusal(schema)).toEqual({
      code: 'move_schema_invalid',
      pointer: `/moves/schema${place}`,
      message: expect.stringMatching(message),
    });
  });

  test.each<[string, Schema]>([
    ['at once', { $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/a' } } }],
    ['around two', { $defs: { a: { items: { $ref: '#/$defs/b' } }, b: { not: { $ref: '#/$defs/a' } } } }],
    [
      'deep inside',
      {
        properties: { a: { $ref: '#/$defs/a' } },
        $defs: { a: { properties: { next: { anyOf: [{ $ref: '#/$defs/a' }] } } } },
      },
    ],
  ])('is recursive %s', (_what, schema) => {
    expect(refusal(schema)).toMatchObject({
      code: 'move_schema_invalid',
      message: expect.stringContaining('recursive'),
    });
  });

  test('asks for two to the power of sixty checks in sixty lines', () => {
    const twice = (name: string) => ({ allOf: [{ $ref: `#/$defs/${name}` }, { $ref: `#/$defs/${name}` }] });
    const lines = Array.from({ length: 60 }, (_, index) => [`a${index}`, twice(`a${index + 1}`)]);
    const schema = { ...twice('a0'), $defs: { ...Object.fromEntries(lines), a60: true } };
    expect(refusal(schema)).toMatchObject({ code: 'move_schema_invalid', message: expect.stringContaining('checks') });
  });

  const names = (count: number) => Array.from({ length: count }, (_, index) => `n${index}`);
  const oftenHeldAgainst = (often: number, z: Schema): Schema => ({
    type: 'object',
    properties: {
      a: { type: 'array', items: { allOf: Array.from({ length: often }, () => ({ $ref: '#/$defs/z' })) } },
    },
    $defs: { z },
  });
  test.each<[string, Schema]>([
    ['a long enum', { not: { enum: names(600) } }],
    ['a long list of required names', { type: 'object', not: { required: names(600) } }],
    ['long lists of dependent names', { type: 'object', dependentRequired: { a: names(300), b: names(300) } }],
    ['unique items', { type: 'array', uniqueItems: true }],
  ])('asks too often for %s', (_what, z) => {
    expect(optional(oftenHeldAgainst(2, z))).toBeDefined();
    expect(refusal(oftenHeldAgainst(400, z))).toMatchObject({
      code: 'move_schema_invalid',
      message: expect.stringContaining('checks'),
    });
  });

  test('is over its bound', () => {
    const schema = { type: 'object', description: 'é'.repeat(limits.moves.maxSchemaBytes / 2) };
    expect(refusal(schema)).toMatchObject({ code: 'move_schema_too_large', pointer: '/moves/schema' });
  });

  test('is missing where moves are asked for', () => {
    expect(() => compileMoves({ mode: 'required' })).toThrow(expect.objectContaining({ code: 'move_schema_invalid' }));
  });
});
