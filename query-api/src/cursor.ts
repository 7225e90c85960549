import { TurnledgerError } from '@turnledger/shared/contracts';

/** Lists that come in pages; a cursor names its own, since two of them may sort by values of the same kinds. */
type PagedList = 'calls' | 'rerun_turns' | 'reruns' | 'session_turns' | 'sessions' | 'versions';

/** Where a page of a list ended: the sort values of its last row. Opaque to clients. */
export const toCursor = (list: PagedList, values: readonly (string | number)[]): string =>
  Buffer.from(JSON.stringify([list, ...values])).toString('base64url');

/** What PostgreSQL's `int` holds: a larger one would be an error of its, not an empty page. */
const isInteger32 = (value: unknown) => Number.isInteger(value) && Math.abs(Number(value)) < 2 ** 31;

type CursorValue<Kind> = Kind extends 'text' ? string : number;

/** The values in a cursor of this list, one of each kind named, in that order. Throws `request_invalid` for any other cursor. */
export function fromCursor<const Kinds extends readonly ('text' | 'number')[]>(
  list: PagedList,
  cursor: string,
  kinds: Kinds,
): { readonly [index in keyof Kinds]: CursorValue<Kinds[index]> } {
  type Values = { readonly [index in keyof Kinds]: CursorValue<Kinds[index]> };
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    const [of, ...values] = Array.isArray(parsed) ? parsed : [];
    const isOfKind = (value: unknown, index: number) =>
      kinds[index] === 'text' ? typeof value === 'string' && !value.includes('\0') : isInteger32(value);
    if (of === list && values.length === kinds.length && values.every(isOfKind)) return values as unknown as Values;
  } catch {
    // Not JSON: answered like any other foreign cursor.
  }
  throw new TurnledgerError('request_invalid', {
    fields: [{ pointer: '/cursor', message: 'is not a cursor of this list' }],
  });
}

/** The page of a list in which there can be nothing. */
export const emptyPage = { data: [], has_more: false, next_cursor: null };

/** A page of a list as every list answers it. */
export const page = <Row, Document>(
  rows: readonly Row[],
  limit: number,
  documents: readonly Document[],
  cursorOf: (row: Row) => string,
) => {
  const last = rows[limit - 1];
  const has_more = rows.length > limit;
  return {
    data: documents.slice(0, limit),
    has_more,
    next_cursor: has_more && last !== undefined ? cursorOf(last) : null,
  };
};
