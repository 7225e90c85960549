import { Ajv2020 } from 'ajv/dist/2020.js';
import { limits, TurnledgerError } from '../../contracts/index.ts';
import type { Json, ScenarioConfig } from '../../domain/index.ts';
import { faultOfMoveSchema } from './walk-move-schema.ts';

/** A scenario's moves, ready to be asked for and checked. */
export interface MoveRules {
  readonly mode: 'optional' | 'required';
  readonly schema: { readonly [name: string]: Json };
  /** Whether the schema allows that value. */
  allows(value: Json): boolean;
}

/** Moves as a scenario has them, or as the body that configures it brings them. */
export interface GivenMoves {
  readonly mode: ScenarioConfig['moves']['mode'];
  readonly schema?: { readonly [name: string]: Json } | undefined;
}

/** From here on in the body of `/llm/configure`. */
const PATH = ['moves', 'schema'] as const;

const MAX_SHOWN_CHARS = 300;

const invalid = (pointer: string, message: string) =>
  new TurnledgerError('move_schema_invalid', { detail: `${pointer} ${message}`, fields: [{ pointer, message }] });

/**
 * Compiles what a scenario says of moves; undefined where it has none. The schema is held against everything that this product asks of it,
 * so that what was compiled once always will be. Throws `move_schema_too_large`, `move_schema_invalid` with the place.
 */
export function compileMoves({ mode, schema }: GivenMoves): MoveRules | undefined {
  if (schema === undefined) {
    if (mode === 'none') return undefined;
    throw invalid('/moves/schema', `is required where moves are ${mode}`);
  }
  const bytes = Buffer.byteLength(JSON.stringify(schema));
  if (bytes > limits.moves.maxSchemaBytes) {
    const message = `is over ${limits.moves.maxSchemaBytes / 1_024} KiB`;
    throw new TurnledgerError('move_schema_too_large', { fields: [{ pointer: '/moves/schema', message }] });
  }
  const fault = faultOfMoveSchema(schema, PATH);
  if (fault) throw invalid(fault.pointer, fault.message);
  const allows = compiled(schema);
  // A schema beside `none` is kept for later, and was checked like any other.
  return mode === 'none' ? undefined : { mode, schema, allows };
}

/**
 * A compiler for each schema: what one has compiled it remembers for good. Strict, so that a slip of a keyword is an error and not a
 * constraint less; own properties alone, so that a move with no `toString` has none; no formats, and nothing is ever fetched.
 */
function compiled(schema: { readonly [name: string]: Json }): (value: Json) => boolean {
  const ajv = new Ajv2020({
    strict: true,
    // `anyOf: [{ required: […] }, …]` beside the properties is how one writes "this or that".
    strictRequired: false,
    allowUnionTypes: true,
    // A definition is compiled once: put in at each of 550 references, one with 199 required names took 8 s, on the loop that answers requests.
    inlineRefs: false,
    ownProperties: true,
    validateFormats: false,
    addUsedSchema: false,
    logger: false,
  });
  try {
    const validate = ajv.compile<Json>(schema);
    return (value) => validate(value);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message.slice(0, MAX_SHOWN_CHARS) : 'is not a schema';
    throw new TurnledgerError('move_schema_invalid', {
      detail: message,
      fields: [{ pointer: '/moves/schema', message }],
      cause,
    });
  }
}
