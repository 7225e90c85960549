/** What stands under a keyword: a subschema, a list or a map of them, or something that is no schema. */
export type KeywordKind = 'schema' | 'list' | 'map' | 'value';

const kinds = <Kind extends KeywordKind>(kind: Kind, names: string): { readonly [name: string]: Kind } =>
  Object.fromEntries(names.split(' ').map((name) => [name, kind]));

/**
 * The keywords of JSON Schema 2020-12 (https://json-schema.org/draft/2020-12) that a schema of moves may have. All of them are checked in
 * time that its size and the move's bound, and none of them is silently left unchecked.
 */
const allowed: { readonly [name: string]: KeywordKind } = {
  ...kinds('schema', 'additionalProperties unevaluatedProperties propertyNames items unevaluatedItems contains'),
  ...kinds('schema', 'not if then else'),
  ...kinds('list', 'allOf anyOf oneOf prefixItems'),
  ...kinds('map', 'properties dependentSchemas $defs'),
  ...kinds('value', '$schema $comment $ref title description default examples deprecated readOnly writeOnly'),
  ...kinds('value', 'type enum const required dependentRequired minProperties maxProperties minLength maxLength'),
  ...kinds('value', 'minimum maximum exclusiveMinimum exclusiveMaximum multipleOf'),
  ...kinds('value', 'minItems maxItems minContains maxContains uniqueItems'),
};

/** Why the others are left out, where a designer would look for them. */
const refused: { readonly [name: string]: string } = {
  pattern: 'is not taken: a regular expression may take for ever; list the values in an enum',
  patternProperties: 'is not taken: a regular expression may take for ever; list the names in properties',
  format: 'is not taken: it would not be checked',
  $id: 'is not taken: a schema of moves is one document without an address',
  $anchor: 'is not taken: refer to #/$defs/… instead',
  $dynamicRef: 'is not taken: it may be recursive; refer to #/$defs/… instead',
  definitions: 'is not taken: it is called $defs since 2019-09',
};

/** What stands under a keyword; undefined for one that is not taken. */
export const kindOf = (keyword: string): KeywordKind | undefined =>
  Object.hasOwn(allowed, keyword) ? allowed[keyword] : undefined;

/** Why a keyword is not taken. */
export const refusalOf = (keyword: string): string =>
  (Object.hasOwn(refused, keyword) ? refused[keyword] : undefined) ??
  'is not a keyword that a schema of moves may have';
