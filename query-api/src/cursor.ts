import { TurnledgerError } from '@turnledger/shared/contracts';

/** Where a page ended: the sort values of its last row. Opaque to clients. */
export const toCursor = (values: readonly (string | number)[]): string => Buffer.from(JSON.stringify(values)).toString('base64url');

/** The values in a cursor of ours. Throws `request_invalid`. */
export function fromCursor(cursor: string): readonly (string | number)[] {
  try {
    const values: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(values) && values.every((one) => typeof one === 'string' || Number.isSafeInteger(one))) return values;
  } catch {
    // Not JSON: answered like any other foreign cursor.
  }
  throw new TurnledgerError('request_invalid', { fields: [{ pointer: '/cursor', message: 'is not a cursor of this list' }] });
}

/** A page of a list as every list answers it. */
export const page = <Row, Document>(rows: readonly Row[], limit: number, documents: readonly Document[], cursorOf: (row: Row) => string) => {
  const last = rows[limit - 1];
  const has_more = rows.length > limit;
  return { data: documents.slice(0, limit), has_more, next_cursor: has_more && last !== undefined ? cursorOf(last) : null };
};
