import { views, viewTable } from '@turnledger/shared/contracts';
import type { RerunRecord } from '@turnledger/shared/domain';
import type { ViewDatabase } from '@turnledger/shared/ports';

export interface RerunFilter {
  readonly gameId?: string | undefined;
  readonly scenarioId?: string | undefined;
  readonly status?: RerunRecord['status'] | undefined;
  /** Asked for then or later, and before that; ISO 8601 in UTC with milliseconds. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly limit: number;
  /** Sort values of the last row seen: requestedAt, re-run id. */
  readonly after?: readonly (string | number)[] | undefined;
}

const SQL = `
  select record from ${viewTable(views.reruns)}
  where ($1::text is null or game_id = $1)
    and ($2::text is null or scenario_id = $2)
    and ($3::text is null or status = $3)
    and ($4::text is null or requested_at >= $4)
    and ($5::text is null or requested_at < $5)
    and ($6::text is null or (requested_at, key) < ($6, $7))
  order by requested_at desc, key desc
  limit $8`;

/** Re-runs, newest first; one row more than the limit where there are more. */
export async function listReruns(database: ViewDatabase, filter: RerunFilter): Promise<readonly RerunRecord[]> {
  const { gameId, scenarioId, status, from, to, limit, after = [] } = filter;
  const values = [gameId, scenarioId, status, from, to, after[0], after[1]].map((value) => value ?? null);
  const rows = await database.query<{ record: RerunRecord }>(SQL, [...values, limit + 1]);
  return rows.map(({ record }) => record);
}
