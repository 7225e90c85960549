import type { z } from 'zod';
import { type FieldError, limits, TurnledgerError } from '../../contracts/index.ts';
import { jsonPointer } from './json-pointer.ts';

const fieldErrorsOf = (issue: z.core.$ZodIssue): readonly FieldError[] =>
  issue.code === 'unrecognized_keys'
    ? issue.keys.map((name) => ({ pointer: jsonPointer([...issue.path, name]), message: 'is not a field here' }))
    : [{ pointer: jsonPointer(issue.path), message: issue.message }];

const toFields = (error: z.ZodError): readonly FieldError[] =>
  error.issues.flatMap(fieldErrorsOf).slice(0, limits.http.maxFieldErrors);

/** A value in the shape its schema gives it. Throws `request_invalid` with at most limits.http.maxFieldErrors of them. */
export function validate<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const fields = toFields(parsed.error);
  const [first] = fields;
  const detail = first ? `${first.pointer || 'the request'}: ${first.message}` : 'wrong shape';
  throw new TurnledgerError('request_invalid', { detail, fields });
}
