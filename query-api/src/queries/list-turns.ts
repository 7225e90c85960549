import { views, viewTable } from '@turnledger/shared/contracts';
import type { TurnRecord, TurnStatus } from '@turnledger/shared/domain';
import type { ViewDatabase } from '@turnledger/shared/ports';

export interface TurnFilter {
  readonly sessionId: string;
  readonly status?: TurnStatus | undefined;
  readonly afterPosition: number;
  readonly limit: number;
}

const SQL = `
  select record from ${viewTable(views.turns)}
  where session_id = $1 and position > $2
    and ($3::text is null or status = $3)
  order by position
  limit $4`;

/** A session's turns in order, those after a position; one row more than the limit where there are more. */
export async function listTurns(
  database: ViewDatabase,
  { sessionId, status = undefined, afterPosition, limit }: TurnFilter,
): Promise<readonly TurnRecord<'sealed'>[]> {
  const values = [sessionId, afterPosition, status ?? null, limit + 1];
  return (await database.query<{ record: TurnRecord<'sealed'> }>(SQL, values)).map(({ record }) => record);
}
