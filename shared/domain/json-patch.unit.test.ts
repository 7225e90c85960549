import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { deepFreeze } from '../testing/deep-freeze.ts';
import { applyPatch, type PatchBounds, type PatchOperation } from './json-patch.ts';
import type { Json } from './secret.ts';

const bounds: PatchBounds = {
  maxBytes: 65_536,
  maxDepth: 14,
  maxWrittenBytes: 262_144,
  bytesOf: (value) => JSON.stringify(value).length,
};

const patch = (document: Json, ...operations: readonly PatchOperation[]) =>
  applyPatch(deepFreeze(document), operations, bounds);
const patched = (document: Json) => ({ outcome: 'patched', document });
const failed = (operation: number, message: string | RegExp) => ({
  outcome: 'failed',
  operation,
  message: expect.stringMatching(message),
});

/** Every case of appendix A of RFC 6902, by its number; A.13 is refused at the edge, where two members of one name become one. */
describe('a patch, as the examples of the RFC have it', () => {
  test.each<[string, Json, PatchOperation, Json]>([
    ['A.1 a member is added', { hp: 3 }, { op: 'add', path: '/gold', value: 7 }, { hp: 3, gold: 7 }],
    [
      'A.2 an item is added',
      { bag: ['key', 'map'] },
      { op: 'add', path: '/bag/1', value: 'rope' },
      { bag: ['key', 'rope', 'map'] },
    ],
    ['A.3 a member is removed', { hp: 3, gold: 7 }, { op: 'remove', path: '/gold' }, { hp: 3 }],
    [
      'A.4 an item is removed',
      { bag: ['key', 'rope', 'map'] },
      { op: 'remove', path: '/bag/1' },
      { bag: ['key', 'map'] },
    ],
    [
      'A.5 a value is replaced',
      { hp: 3, gold: 7 },
      { op: 'replace', path: '/gold', value: 'none' },
      { hp: 3, gold: 'none' },
    ],
    [
      'A.6 a member is moved',
      { ana: { key: 1, map: 2 }, rui: { hp: 3 } },
      { op: 'move', from: '/ana/map', path: '/rui/chart' },
      { ana: { key: 1 }, rui: { hp: 3, chart: 2 } },
    ],
    [
      'A.7 an item is moved',
      { bag: ['a', 'd', 'b', 'c'] },
      { op: 'move', from: '/bag/1', path: '/bag/3' },
      { bag: ['a', 'b', 'c', 'd'] },
    ],
    [
      'A.8 a text and a number are as they are tested',
      { bag: ['a', 2] },
      { op: 'test', path: '/bag/1', value: 2 },
      { bag: ['a', 2] },
    ],
    [
      'A.10 an object is added inside of one',
      { hp: 3 },
      { op: 'add', path: '/at', value: { room: 'pier' } },
      { hp: 3, at: { room: 'pier' } },
    ],
    [
      'A.11 members that nobody knows are no matter',
      { hp: 3 },
      { op: 'add', path: '/gold', value: 7, note: 'x' } as PatchOperation,
      { hp: 3, gold: 7 },
    ],
    [
      'A.14 escapes are read in their order',
      { '/': 9, '~1': 10 },
      { op: 'test', path: '/~01', value: 10 },
      { '/': 9, '~1': 10 },
    ],
    [
      'A.16 a list is added as one item',
      { bag: ['a'] },
      { op: 'add', path: '/bag/-', value: ['b', 'c'] },
      { bag: ['a', ['b', 'c']] },
    ],
  ])('%s', (_case, before, operation, after) => {
    expect(patch(before, operation)).toEqual(patched(after));
  });

  test.each<[string, Json, PatchOperation, string]>([
    ['A.9 a test that does not hold', { room: 'hall' }, { op: 'test', path: '/room', value: 'pier' }, 'another value'],
    ['A.12 a place in nothing', { hp: 3 }, { op: 'add', path: '/at/room', value: 1 }, 'no place'],
    [
      'A.15 a text is not the number it reads as',
      { '~1': 10 },
      { op: 'test', path: '/~01', value: '10' },
      'another value',
    ],
  ])('%s fails', (_case, before, operation, message) => {
    expect(patch(before, operation)).toEqual(failed(0, message));
  });
});

describe('a patch', () => {
  test('is applied in order, and changes nothing that it was given', () => {
    const before = { bag: ['key'], hp: 3 };
    const after = patch(
      before,
      { op: 'copy', from: '/bag', path: '/chest' },
      { op: 'add', path: '/chest/-', value: 'rope' },
      { op: 'remove', path: '/bag/0' },
    );
    expect([before, after]).toEqual([{ bag: ['key'], hp: 3 }, patched({ bag: [], hp: 3, chest: ['key', 'rope'] })]);
  });

  test('that fails says at which operation', () => {
    const replace = { op: 'replace', path: '/hp', value: 1 } as const;
    expect(patch({ hp: 3 }, replace, replace, { op: 'remove', path: '/gold' }, replace)).toEqual(failed(2, 'path'));
  });

  test('of nothing is the document', () => {
    expect(patch({ hp: 3 })).toEqual(patched({ hp: 3 }));
  });

  test('may replace all of the document, and add to what is no object only so', () => {
    expect(patch('dark', { op: 'add', path: '', value: { hp: 1 } })).toEqual(patched({ hp: 1 }));
    expect(patch({ at: { hp: 1 } }, { op: 'copy', from: '/at', path: '' })).toEqual(patched({ hp: 1 }));
    expect(patch('dark', { op: 'add', path: '/hp', value: 1 })).toEqual(failed(0, 'no place'));
  });

  test.each<[string, PatchOperation]>([
    ['replacing what is not there', { op: 'replace', path: '/gold', value: 1 }],
    ['replacing behind the last item', { op: 'replace', path: '/bag/-', value: 1 }],
    ['removing the whole', { op: 'remove', path: '' }],
    ['removing what is not there', { op: 'remove', path: '/bag/1' }],
    ['testing what is not there', { op: 'test', path: '/gold', value: null }],
    ['copying what is not there', { op: 'copy', from: '/gold', path: '/hp' }],
    ['moving what is not there', { op: 'move', from: '/gold', path: '/hp' }],
    ['moving a thing into itself', { op: 'move', from: '/bag', path: '/bag/0' }],
    ['moving all into itself', { op: 'move', from: '', path: '/bag' }],
    ['a place beyond the end', { op: 'add', path: '/bag/2', value: 1 }],
    ['a number with a zero before it', { op: 'add', path: '/bag/00', value: 1 }],
    ['a number below zero', { op: 'add', path: '/bag/-1', value: 1 }],
    ['a name in a list', { op: 'add', path: '/bag/first', value: 1 }],
    ['the length of a list', { op: 'replace', path: '/bag/length', value: 0 }],
    ['a letter of a text', { op: 'test', path: '/name/0', value: 'a' }],
    ['what is no pointer', { op: 'add', path: 'hp', value: 1 }],
    ['an escape that is none', { op: 'add', path: '/a~2b', value: 1 }],
  ])('fails at %s', (_what, operation) => {
    expect(patch({ bag: ['key'], hp: 3, name: 'ana' }, operation)).toMatchObject({ outcome: 'failed', operation: 0 });
  });

  test('moves beside what its name begins like', () => {
    expect(patch({ a: 1 }, { op: 'move', from: '/a', path: '/ab' })).toEqual(patched({ ab: 1 }));
  });

  test('tests objects in any order of their members, lists in theirs', () => {
    const document = { at: { x: 1, y: [1, 2] } };
    expect(patch(document, { op: 'test', path: '/at', value: { y: [1, 2], x: 1 } }).outcome).toBe('patched');
    for (const value of [
      { x: 1, y: [2, 1] },
      { x: 1 },
      { x: 1, y: [1, 2], z: 0 },
      { x: 1, z: [1, 2] },
      [1, [1, 2]],
      null,
    ])
      expect(patch(document, { op: 'test', path: '/at', value }).outcome).toBe('failed');
  });
});

describe('names that a prototype has', () => {
  const names = ['constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf'];

  test.each(names)('%s is not there unless the document has it', (name) => {
    const read: readonly PatchOperation[] = [
      { op: 'copy', from: `/${name}`, path: '/a' },
      { op: 'replace', path: `/${name}`, value: 1 },
      { op: 'remove', path: `/${name}` },
      { op: 'add', path: `/${name}/polluted`, value: 1 },
      { op: 'add', path: `/list/${name}`, value: 1 },
    ];
    for (const one of read) expect(patch({ list: [] }, one)).toMatchObject({ outcome: 'failed' });
  });

  test.each(names)('%s is a name like any other where the document has it', (name) => {
    const added = patch(
      {},
      { op: 'add', path: `/${name}`, value: { a: 1 } },
      { op: 'add', path: `/${name}/b`, value: 2 },
    );
    expect(added).toEqual(patched({ [name]: { a: 1, b: 2 } }));
  });

  test.each(['/__proto__', '/__proto__/polluted', '/a/__proto__/polluted', '/constructor/prototype/polluted'])(
    'nothing is written through %s',
    (path) => {
      const value = { polluted: true };
      const patches: readonly (readonly PatchOperation[])[] = [
        [{ op: 'add', path, value }],
        [{ op: 'replace', path, value }],
        [{ op: 'copy', from: '/a', path }],
        [{ op: 'move', from: '/a', path }],
        [{ op: 'copy', from: path, path: '/b' }],
      ];
      for (const one of patches) expect(patch({ a: {} }, ...one)).toMatchObject({ outcome: 'failed' });
      expect(({} as { polluted?: true }).polluted).toBeUndefined();
      expect(([] as { polluted?: true }).polluted).toBeUndefined();
    },
  );
});

describe('the bounds of a patch', () => {
  test('hold at each step: a copy of the whole into itself ends before it has doubled out of them', () => {
    const copies = Array.from(
      { length: 200 },
      (_, index): PatchOperation => ({ op: 'copy', from: '/a', path: `/a/${index}` }),
    );
    expect(patch({ a: { text: 'x'.repeat(1_000) } }, ...copies.slice(0, 6))).toMatchObject({ outcome: 'patched' });
    expect(patch({ a: { text: 'x'.repeat(1_000) } }, ...copies)).toEqual({
      outcome: 'too_large',
      operation: 6,
      message: 'makes the document larger than 65536 bytes',
    });
  });

  test('hold for the work of a patch that leaves the document as large as it was', () => {
    const over = Array.from({ length: 256 }, (): PatchOperation => ({ op: 'copy', from: '/a', path: '/b' }));
    const document = { a: Array.from({ length: 14_000 }, () => 1), b: 0 };
    expect(patch(document, ...over)).toEqual(failed(9, 'writes more than 262144 bytes'));
    expect(patch(document, ...over.slice(0, 9)).outcome).toBe('patched');
  });

  test('are not met by what was taken out before', () => {
    const swapped = Array.from({ length: 4 }, (_, index): PatchOperation[] => [
      { op: 'remove', path: '/a' },
      { op: 'add', path: '/a', value: String(index).repeat(60_000) },
    ]);
    expect(patch({ a: 'x'.repeat(60_000) }, ...swapped.flat()).outcome).toBe('patched');
  });

  test('are met to the byte and to the level', () => {
    const levels = (count: number): Json => (count === 0 ? 1 : { a: levels(count - 1) });
    const add = (value: Json) => patch({}, { op: 'add', path: '/a', value });
    expect(add('x'.repeat(65_536 - 8)).outcome).toBe('patched');
    expect(add('x'.repeat(65_536 - 7)).outcome).toBe('too_large');
    expect(add(levels(13)).outcome).toBe('patched');
    expect(add(levels(14))).toEqual(failed(0, 'deeper than 14'));
  });
});

test('what one patch does, another takes back', () => {
  const document = fc.dictionary(
    fc.string({ minLength: 1 }),
    fc.oneof(fc.string(), fc.array(fc.nat(), { maxLength: 4 }), fc.constant(null)),
  );
  fc.assert(
    fc.property(document, fc.string({ minLength: 1 }), fc.jsonValue({ maxDepth: 3 }), (before, name, drawn) => {
      // JSON has no -0: what was sent never has one.
      const value = JSON.parse(JSON.stringify(drawn)) as Json;
      fc.pre(name !== '__proto__' && !Object.hasOwn(before, name) && !Object.hasOwn(before, '__proto__'));
      const path = `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      const added = patch(before, { op: 'add', path, value });
      expect(added).toEqual(patched({ ...before, [name]: value }));
      expect(added.outcome === 'patched' && patch(added.document, { op: 'remove', path })).toEqual(patched(before));
    }),
  );
});
