import { limits } from '../../contracts/index.ts';
import type { Json } from '../../domain/index.ts';
import type { ChatMessage } from '../../ports/index.ts';

interface JsonObject {
  readonly [name: string]: Json;
}

/** How Turnledger's own instructions give the schema of moves, on a line of its own and the last of them. */
const SCHEMA = /^A move is an object that this JSON schema allows:\n(\{.*\})$/gm;

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * The block with a move that a prompt asks for, blanks before it included; '' where it asks for none, or where its schema is not one of the
 * simple kinds. The plainest value that the schema's own words give: `const`, `default`, the first of `examples`, of `enum` or of the
 * alternatives, an object with what it requires, else the least of its type. It is not checked: that is what the worker is for.
 */
export function proposedMove(messages: readonly ChatMessage[]): string {
  const schema = schemaIn(messages);
  const move = isObject(schema) ? leastOf(schema, isObject(schema.$defs) ? schema.$defs : {}) : undefined;
  return isObject(move) ? `\n\n\`\`\`move\n${JSON.stringify(move)}\n\`\`\`` : '';
}

/** A persona may have such a line of its own, with anything behind it; ours is the last. */
function schemaIn(messages: readonly ChatMessage[]): Json | undefined {
  const instructions = messages.filter(({ role }) => role === 'system').map(({ content }) => content);
  const [, text] = instructions.flatMap((content) => [...content.matchAll(SCHEMA)]).at(-1) ?? [];
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The plainest value of a schema; undefined where it is too much for these rules. Ends, since no schema of moves is recursive. */
function leastOf(schema: Json | undefined, $defs: JsonObject): Json | undefined {
  if (!isObject(schema)) return undefined;
  const { $ref, examples, anyOf, oneOf } = schema;
  if (typeof $ref === 'string') return leastOf($defs[$ref.slice('#/$defs/'.length)], $defs);
  const said = [schema.const, schema.default, firstOf(examples), firstOf(schema.enum)].find((one) => one !== undefined);
  if (said !== undefined) return said;
  const alternative = firstOf(anyOf) ?? firstOf(oneOf);
  return alternative === undefined ? leastOfType(schema, $defs) : leastOf(alternative, $defs);
}

const firstOf = (list: Json | undefined): Json | undefined => (Array.isArray(list) ? (list[0] as Json) : undefined);

const countOf = (least: Json | undefined): number => (typeof least === 'number' ? Math.min(least, 64) : 0);

/** Whether a list of so many fits into a move: five lists of 64, one inside another, would be a billion items, and a text that no string can hold. */
const hasRoom = (item: Json, count: number): boolean => JSON.stringify(item).length * count <= limits.moves.maxBytes;

function leastOfType(schema: JsonObject, $defs: JsonObject): Json | undefined {
  const type = firstOf(schema.type) ?? schema.type ?? 'object';
  switch (type) {
    case 'object':
      return leastObject(schema, $defs);
    case 'array': {
      const item = leastOf(schema.items, $defs);
      const count = countOf(schema.minItems);
      if (count > 0 && (item === undefined || !hasRoom(item, count))) return undefined;
      return Array.from({ length: count }, () => item ?? null);
    }
    case 'string':
      return 'x'.repeat(countOf(schema.minLength));
    case 'integer':
    case 'number':
      return typeof schema.minimum === 'number' ? schema.minimum : 0;
    case 'boolean':
      return false;
    default:
      return type === 'null' ? null : undefined;
  }
}

function leastObject({ required = [], properties = {} }: JsonObject, $defs: JsonObject): Json | undefined {
  if (!Array.isArray(required) || !isObject(properties)) return undefined;
  const members = required.map((name) => [name, leastOf(properties[name], $defs)] as const);
  return members.some(([, value]) => value === undefined) ? undefined : Object.fromEntries(members);
}
