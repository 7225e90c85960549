import type { z } from 'zod';
import { type FieldError, TurnledgerError } from '../../contracts/index.ts';

const toFields = (error: z.ZodError): readonly FieldError[] =>
  error.issues.slice(0, 20).map(({ path, message }) => ({ pointer: path.map((part) => `/${String(part)}`).join(''), message }));

/** A value in the shape its schema gives it. Throws `request_invalid` with at most 20 field errors. */
export function validate<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const fields = toFields(parsed.error);
  const [first] = fields;
  const detail = first ? `${first.pointer || 'the request'}: ${first.message}` : 'wrong shape';
  throw new TurnledgerError('request_invalid', { detail, fields });
}
