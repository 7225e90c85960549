import type { ClientBase, Pool, QueryConfig, QueryResult, QueryResultRow } from 'pg';
import { isTurnledgerError, TurnledgerError } from '../../contracts/index.ts';

/**
 * A statement that gives up after a time: `pg` rejects it, and a pool closes the connection it ran on. `name`: prepared under it once a
 * connection; one name is one text.
 */
export function timedQuery<Row extends QueryResultRow>(
  on: Pool | ClientBase,
  text: string,
  values: readonly unknown[],
  timeoutMs: number,
  name?: string,
): Promise<QueryResult<Row>> {
  // `pg` reads query_timeout off each statement; its typings know it of a connection alone.
  const statement: QueryConfig & { readonly query_timeout: number } = {
    text,
    values: [...values],
    query_timeout: timeoutMs,
    ...(name !== undefined && { name }),
  };
  return on.query<Row>(statement);
}

/** What a store that failed gives its caller: our own errors as they are, any other as `store_unavailable`. */
export const storeUnavailable = (cause: unknown): TurnledgerError =>
  isTurnledgerError(cause) ? cause : new TurnledgerError('store_unavailable', { cause });
