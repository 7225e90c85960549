import { views, viewTable } from '@turnledger/shared/contracts';
import type { TurnRecord } from '@turnledger/shared/domain';
import type { ViewDatabase } from '@turnledger/shared/ports';

const SQL = `
  select record from ${viewTable(views.turns)}
  where session_id = $1 and position > $2
  order by position
  limit $3`;

/** A session's turns in order, those after a position; one row more than the limit where there are more. */
export async function listTurns(
  database: ViewDatabase,
  sessionId: string,
  afterPosition: number,
  limit: number,
): Promise<readonly TurnRecord<'sealed'>[]> {
  const rows = await database.query<{ record: TurnRecord<'sealed'> }>(SQL, [sessionId, afterPosition, limit + 1]);
  return rows.map(({ record }) => record);
}
