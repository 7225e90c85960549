import { type LineageFork, limits, views, viewTable } from '@turnledger/shared/contracts';
import type { ViewDatabase } from '@turnledger/shared/ports';

// A fork is younger than what it goes on from, so the order of time is one in which parents come first.
const SQL = `
  with recursive fork as (
    select child.key, child.record, child.started_at
    from ${viewTable(views.sessions)} child where child.parent_id = $1
    union all
    select child.key, child.record, child.started_at
    from ${viewTable(views.sessions)} child join fork on child.parent_id = fork.key)
  select key as "sessionId", record -> 'forkedFrom' as "forkedFrom", started_at as "startedAt"
  from fork
  order by started_at, key
  limit $2`;

/** The sessions that were forked off a session, and those off them, oldest first; the first limits.views.maxListedForks. */
export const listForks = (database: ViewDatabase, sessionId: string): Promise<readonly LineageFork[]> =>
  database.query<LineageFork>(SQL, [sessionId, limits.views.maxListedForks]);
