import { z } from 'zod';
import { type EventType, eventSchemas } from './event-catalogue.ts';
import { fieldOrigin } from './fields.ts';

const pathsIn = (schema: z.ZodType, path: readonly string[]): readonly (readonly string[])[] => {
  if (fieldOrigin(schema) === 'sealed') return [path];
  if (schema instanceof z.ZodOptional) return pathsIn(schema.unwrap() as z.ZodType, path);
  if (!(schema instanceof z.ZodObject)) return [];
  return Object.entries(schema.shape).flatMap(([name, field]) => pathsIn(field as z.ZodType, [...path, name]));
};

/** The sealed fields of every event type, as paths into its data; read off the schemas, so that there is one source. */
export const sealedPaths = Object.fromEntries(
  Object.entries(eventSchemas).map(([type, schema]) => [type, pathsIn(schema, [])]),
) as { readonly [type in EventType]: readonly (readonly string[])[] };
