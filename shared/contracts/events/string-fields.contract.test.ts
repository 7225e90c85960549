import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { type EventType, eventSchemas } from './event-catalogue.ts';
import { designerText, fieldOrigin, sealed, uuid } from './fields.ts';
import { scenarioEventSchemas } from './scenario-events.ts';
import { sealedPaths } from './sealed-paths.ts';

interface StringField {
  readonly path: string;
  readonly origin: ReturnType<typeof fieldOrigin>;
}

/** Kinds of schema that hold no text but what we chose ourselves. */
const textless = new Set(['number', 'int', 'boolean', 'null', 'literal', 'enum']);

/** Every place of a schema where text can stand. A kind that this walk does not know fails it, so that nothing hides in a new one. */
function stringFieldsIn(
  schema: z.core.$ZodType,
  path: string,
  seen: readonly z.core.$ZodType[] = [],
): readonly StringField[] {
  const origin = fieldOrigin(schema as z.ZodType);
  if (origin !== undefined) return [{ path, origin }];
  if (seen.includes(schema)) return [];
  const walk = (inner: z.core.$ZodType, step: string) => stringFieldsIn(inner, `${path}${step}`, [...seen, schema]);
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'string':
      return [{ path, origin }];
    case 'object':
      return [
        ...Object.entries(def.shape).flatMap(([name, field]) => walk(field, `.${name}`)),
        ...(def.catchall === undefined || def.catchall._zod.def.type === 'never' ? [] : walk(def.catchall, '.*')),
      ];
    case 'optional':
    case 'nullable':
      return walk(def.innerType, '');
    case 'array':
      return walk(def.element, '[]');
    case 'union':
      return def.options.flatMap((option) => walk(option, ''));
    case 'record':
      return [...walk(def.keyType, '{key}'), ...walk(def.valueType, '{}')];
    case 'lazy':
      return walk(def.getter(), '');
    default:
      return textless.has(def.type) ? [] : [{ path: `${path} (${def.type})`, origin: undefined }];
  }
}

const bare = (schema: z.ZodType) =>
  stringFieldsIn(schema, '')
    .filter(({ origin }) => origin === undefined)
    .map(({ path }) => path);

const cases = Object.entries(eventSchemas).map(([type, schema]) => ({ type: type as EventType, schema }));

describe('the fields of every event', () => {
  it.each(cases)('$type holds no bare client string', ({ schema }) => {
    expect(bare(schema)).toEqual([]);
  });

  it.each(cases)('$type refuses a field that it does not name', ({ schema }) => {
    expect(schema._zod.def.catchall?._zod.def.type).toBe('never');
  });

  it.each(cases.filter(({ type }) => !(type in scenarioEventSchemas)))(
    '$type holds no text of a designer',
    ({ schema }) => {
      expect(stringFieldsIn(schema, '').filter(({ origin }) => origin === 'designer')).toEqual([]);
    },
  );

  it('finds the designers texts where they are, so the walk does reach them', () => {
    const designed = stringFieldsIn(eventSchemas.ScenarioConfigured, '').filter(({ origin }) => origin === 'designer');
    expect(designed.map(({ path }) => path)).toEqual(
      expect.arrayContaining([
        '.persona.instructions',
        '.models[].stop[]',
        '.moves.schema{key}',
        '.moves.schema{}',
        '.note',
      ]),
    );
  });
});

describe('what a person wrote', () => {
  const personal: { readonly [type in EventType]?: readonly string[] } = {
    SessionStarted: ['metadata'],
    SessionForked: ['metadata'],
    TurnRequested: ['text', 'trigger.args', 'state.data', 'metadata', 'overrides.stop'],
    TurnAttemptFailed: ['reply'],
    TurnCompleted: ['reply', 'move'],
    TurnReused: ['reply', 'move'],
    TurnFailed: ['partial', 'fallback'],
    TurnCancelled: ['partial'],
    TurnTimedOut: ['partial', 'fallback'],
    MoveRejected: ['reason'],
    SessionReconfigured: ['reason'],
    SessionBookmarked: ['label'],
    SessionRewound: ['reason'],
    HistorySummarized: ['text'],
    PlayerRegistered: ['externalId'],
    PlayerProfileUpdated: ['displayName', 'traits'],
  };

  it.each(cases)('is sealed in $type, and nothing else is', ({ type }) => {
    expect(sealedPaths[type].map((path) => path.join('.'))).toEqual(personal[type] ?? []);
  });

  it.each(cases)('stands in $type only where the paths find it', ({ type, schema }) => {
    const walked = stringFieldsIn(schema, '').filter(({ origin }) => origin === 'sealed');
    expect(walked.map(({ path }) => path)).toEqual(sealedPaths[type].map((path) => `.${path.join('.')}`));
  });
});

describe('a planted bare string', () => {
  it.each([
    ['a field', z.strictObject({ note: z.string() }), ['.note']],
    ['an optional one', z.strictObject({ note: z.string().max(9).optional() }), ['.note']],
    ['a nullable one', z.strictObject({ note: z.string().nullable() }), ['.note']],
    ['a list', z.strictObject({ tags: z.array(z.string()) }), ['.tags[]']],
    ['one side of a union', z.strictObject({ value: z.union([z.number(), uuid, z.string()]) }), ['.value']],
    ['a record', z.strictObject({ pairs: z.record(uuid, z.string()) }), ['.pairs{}']],
    ['the keys of a record', z.strictObject({ pairs: z.record(z.string(), z.number()) }), ['.pairs{key}']],
    ['a lazy schema', z.strictObject({ later: z.lazy(() => z.strictObject({ note: z.string() })) }), ['.later.note']],
    [
      'an object beside a sealed field',
      z.strictObject({ text: sealed, copy: z.strictObject({ text: z.string() }) }),
      ['.copy.text'],
    ],
    ['a uuid outside the vocabulary', z.strictObject({ id: z.uuid() }), ['.id']],
    ['any', z.strictObject({ value: z.any() }), ['.value (any)']],
    ['unknown', z.strictObject({ value: z.unknown() }), ['.value (unknown)']],
    ['a loose object', z.looseObject({ count: z.number() }), ['.* (unknown)']],
    [
      'a template',
      z.strictObject({ value: z.templateLiteral(['player:', z.string()]) }),
      ['.value (template_literal)'],
    ],
  ])('is caught as %s', (_name, schema, found) => {
    expect(bare(schema)).toEqual(found);
  });

  it('is not seen in what the vocabulary allows', () => {
    expect(
      bare(z.strictObject({ text: sealed, id: uuid.optional(), lines: z.array(designerText(9)), kind: z.enum(['a']) })),
    ).toEqual([]);
  });
});
