import { limits, views, viewTable } from '@turnledger/shared/contracts';
import type { ViewDatabase } from '@turnledger/shared/ports';

/** Which sessions; what is absent is not asked. */
export interface PlayedSessions {
  readonly scenarioId: string;
  /** What their next turn would be played under. */
  readonly scenarioVersion?: number | undefined;
  readonly gameId?: string | undefined;
  /** Started then or later, and before that; ISO 8601 in UTC with milliseconds. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

const SQL = `
  select key from ${viewTable(views.sessions)}
  where scenario_id = $1
    and ($2::int is null or (record ->> 'scenarioVersion')::int = $2)
    and ($3::text is null or game_id = $3)
    and ($4::text is null or started_at >= $4)
    and ($5::text is null or started_at < $5)
  order by started_at, key
  limit $6`;

/** Ids of sessions, oldest first, as far as the view has them: one more than a re-run may have where there are more. Throws `store_unavailable`. */
export async function findPlayedSessions(
  database: ViewDatabase,
  { scenarioId, scenarioVersion, gameId, from, to }: PlayedSessions,
): Promise<readonly string[]> {
  const values = [scenarioId, scenarioVersion, gameId, from, to].map((value) => value ?? null);
  const rows = await database.query<{ key: string }>(SQL, [...values, limits.rerun.maxSessions + 1]);
  return rows.map(({ key }) => key);
}
