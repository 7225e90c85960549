import { z } from 'zod';

/**
 * Fields that descriptions of replies share. Nothing is parsed by those descriptions: replies are made by the functions of the documents
 * beside them, and tests hold the two against each other.
 */
export const uuid = z.uuid();
export const instant = z.iso.datetime().meta({ description: 'ISO 8601, milliseconds, UTC.' });
export const position = z
  .string()
  .meta({ description: 'Opaque; `min_position` of a query waits until its view has this.' });
export const version = z.int().min(1);
export const scenario = z.object({ id: z.string(), version });
export const pairs = z.record(z.string(), z.json());
export const text = z.string().nullable();
export const count = z.int().min(0);
export const rate = z.number().nullable();
export const cost = count.nullable().meta({ description: 'Micro-dollars; null where no price is known.' });

/** A page of a list of such documents. */
export const pageSchema = <Document extends z.ZodType>(document: Document) =>
  z.object({
    data: z.array(document),
    has_more: z.boolean(),
    next_cursor: z.string().nullable().meta({ description: 'The `cursor` of the next page; null on the last one.' }),
  });
