import type { Pool, QueryResultRow } from 'pg';
import { limits } from '../../contracts/index.ts';
import type { ViewDatabase } from '../../ports/index.ts';
import { storeUnavailable, timedQuery } from './timed-query.ts';

/** What queries read the views in PostgreSQL through; the pool stays the caller's. A query is bounded by limits.views.queryTimeoutMs. */
export function openPostgresViewDatabase({ pool }: { readonly pool: Pool }): ViewDatabase {
  return {
    query: async <Row>(sql: string, values: readonly unknown[]) => {
      try {
        const { rows } = await timedQuery<Row & QueryResultRow>(pool, sql, values, limits.views.queryTimeoutMs);
        return rows;
      } catch (error) {
        throw storeUnavailable(error);
      }
    },
  };
}
