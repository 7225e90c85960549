import { views, viewTable } from '@turnledger/shared/contracts';
import type { SessionRecord } from '@turnledger/shared/domain';
import type { ViewDatabase } from '@turnledger/shared/ports';

export interface SessionFilter {
  /** The id Turnledger gave the player. */
  readonly playerId?: string | undefined;
  readonly gameId?: string | undefined;
  readonly scenarioId?: string | undefined;
  readonly status?: 'open' | 'ended' | undefined;
  /** Started then or later, and before that; ISO 8601 in UTC with milliseconds. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly limit: number;
  /** Sort values of the last row seen: startedAt, session id. */
  readonly after?: readonly (string | number)[] | undefined;
}

const SQL = `
  select record from ${viewTable(views.sessions)}
  where ($1::text is null or player_ids ? $1)
    and ($2::text is null or game_id = $2)
    and ($3::text is null or scenario_id = $3)
    and ($4::text is null or status = $4)
    and ($5::text is null or started_at >= $5)
    and ($6::text is null or started_at < $6)
    and ($7::text is null or (started_at, key) < ($7, $8))
  order by started_at desc, key desc
  limit $9`;

/** Sessions, newest first; one row more than the limit where there are more. */
export async function listSessions(
  database: ViewDatabase,
  filter: SessionFilter,
): Promise<readonly SessionRecord<'sealed'>[]> {
  const { playerId, gameId, scenarioId, status, from, to, limit, after = [] } = filter;
  const values = [playerId, gameId, scenarioId, status, from, to, after[0], after[1]].map((value) => value ?? null);
  const rows = await database.query<{ record: SessionRecord<'sealed'> }>(SQL, [...values, limit + 1]);
  return rows.map(({ record }) => record);
}
