import { type FieldError, limits } from '../../contracts/index.ts';
import type { Json } from '../../domain/index.ts';
import { jsonPointer } from '../http/json-pointer.ts';
import { kindOf, refusalOf } from './move-schema-keywords.ts';

interface JsonObject {
  readonly [name: string]: Json;
}

interface Place {
  readonly schema: Json;
  readonly path: readonly string[];
}

const DIALECT = 'https://json-schema.org/draft/2020-12/schema';
const REFERENCE = /^#\/\$defs\/([A-Za-z0-9_.-]+)$/;

/** Values or names in a list that are compared in the time of one check; see limits.moves.maxSchemaSteps. */
const COMPARED_PER_STEP = 16;
/** `uniqueItems` compares each item with each: of the 1,800 that a move has room for 1.6 million pairs, in 2 to 7 ms. */
const UNIQUE_STEPS = 16;

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const at = (path: readonly string[], message: string): FieldError => ({ pointer: jsonPointer(path), message });

/**
 * What is wrong with a schema of moves as far as its own shape tells, or undefined: a keyword that is not taken, a reference to anything but
 * `#/$defs/…`, recursion, or more than limits.moves.maxSchemaSteps checks for one move. What its values must be is for the compiler to say.
 */
export function faultOfMoveSchema(root: JsonObject, path: readonly string[]): FieldError | undefined {
  const { $defs = {}, type = 'object' } = root;
  if (type !== 'object') return at([...path, 'type'], 'must be "object": a move is an object');
  if (!isObject($defs)) return at([...path, '$defs'], 'must be an object of schemas');
  const fault = faultIn({ schema: root, path }, $defs, true);
  if (fault) return fault;
  const counted = new Map<string, number>();
  const steps = [root, ...Object.values($defs)].map((schema) => stepsOf(schema, $defs, counted));
  if (steps.includes(Number.POSITIVE_INFINITY)) return at(path, 'is recursive: a $ref leads back to itself');
  if (Math.max(...steps) <= limits.moves.maxSchemaSteps) return undefined;
  return at(path, `asks for more than ${limits.moves.maxSchemaSteps} checks, each as often as a $ref leads to it`);
}

function faultIn({ schema, path }: Place, $defs: JsonObject, isRoot = false): FieldError | undefined {
  if (typeof schema === 'boolean') return undefined;
  if (!isObject(schema)) return at(path, 'is not a schema');
  for (const [keyword, value] of Object.entries(schema)) {
    const fault = kindOf(keyword) === undefined ? refusalOf(keyword) : faultOfValue(keyword, value, $defs, isRoot);
    if (fault !== undefined) return at([...path, keyword], fault);
  }
  for (const place of subschemas({ schema, path })) {
    const fault = faultIn(place, $defs);
    if (fault) return fault;
  }
  return undefined;
}

function faultOfValue(keyword: string, value: Json, $defs: JsonObject, isRoot: boolean): string | undefined {
  if ((keyword === '$defs' || keyword === '$schema') && !isRoot) return 'is taken at the top alone';
  if (keyword === '$schema' && value !== DIALECT) return `must be ${DIALECT}, or absent`;
  if (keyword === '$ref' && referred(value, $defs) === undefined) return 'must be #/$defs/… with a name that is there';
  if (kindOf(keyword) === 'list' && !Array.isArray(value)) return 'must be a list of schemas';
  if (kindOf(keyword) === 'map' && !isObject(value)) return 'must be an object of schemas';
  return undefined;
}

/** The schema that a reference leads to. */
function referred(reference: Json | undefined, $defs: JsonObject): Json | undefined {
  const [, name] = typeof reference === 'string' ? (REFERENCE.exec(reference) ?? []) : [];
  return name !== undefined && Object.hasOwn($defs, name) ? $defs[name] : undefined;
}

/** The schemas right inside of one. */
function subschemas({ schema, path }: Place): readonly Place[] {
  if (!isObject(schema)) return [];
  return Object.entries(schema).flatMap(([keyword, value]): readonly Place[] => {
    const kind = kindOf(keyword);
    if (kind === 'schema') return [{ schema: value, path: [...path, keyword] }];
    if (kind !== 'list' && kind !== 'map') return [];
    return Object.entries(value ?? {}).map(([name, one]) => ({ schema: one as Json, path: [...path, keyword, name] }));
  });
}

/** How many schemas a value may be held against, this one included; infinite where a reference leads back to itself. */
function stepsOf(schema: Json, $defs: JsonObject, counted: Map<string, number>): number {
  if (!isObject(schema)) return 1;
  const { $defs: _apart, ...held } = schema;
  const inner = subschemas({ schema: held, path: [] }).map((one) => stepsOf(one.schema, $defs, counted));
  const own = inner.reduce((sum, steps) => sum + steps, 1 + comparisonsIn(schema));
  const { $ref } = schema;
  if (typeof $ref !== 'string') return own;
  const known = counted.get($ref);
  if (known !== undefined) return own + known;
  // Until it is counted: whoever comes here again on the way has come around.
  counted.set($ref, Number.POSITIVE_INFINITY);
  const followed = stepsOf(referred($ref, $defs) ?? true, $defs, counted);
  counted.set($ref, followed);
  return own + followed;
}

/** What else a subschema has compared with every value that is held against it, in steps. */
function comparisonsIn({ enum: values, required, dependentRequired, uniqueItems }: JsonObject): number {
  const names = isObject(dependentRequired) ? Object.values(dependentRequired) : [];
  const compared = [values, required, ...names].flatMap((list) => (Array.isArray(list) ? list : []));
  return Math.floor(compared.length / COMPARED_PER_STEP) + (uniqueItems === true ? UNIQUE_STEPS : 0);
}
