import { views, viewTable } from '@turnledger/shared/contracts';
import type { SessionRecord } from '@turnledger/shared/domain';
import type { ViewDatabase } from '@turnledger/shared/ports';

export interface SessionFilter {
  /** The id Turnledger gave the player. */
  readonly playerId?: string | undefined;
  readonly gameId?: string | undefined;
  readonly scenarioId?: string | undefined;
  readonly status?: 'open' | 'ended' | undefined;
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
    and ($5::text is null or (started_at, key) < ($5, $6))
  order by started_at desc, key desc
  limit $7`;

/** Sessions, newest first; one row more than the limit where there are more. */
export async function listSessions(
  database: ViewDatabase,
  filter: SessionFilter,
): Promise<readonly SessionRecord<'sealed'>[]> {
  const { playerId = null, gameId = null, scenarioId = null, status = null, limit, after } = filter;
  const [startedAt = null, key = null] = after ?? [];
  const values = [playerId, gameId, scenarioId, status, startedAt, key, limit + 1];
  return (await database.query<{ record: SessionRecord<'sealed'> }>(SQL, values)).map(({ record }) => record);
}
