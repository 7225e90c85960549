import { views, viewTable } from '@turnledger/shared/contracts';
import type { TurnRecord } from '@turnledger/shared/domain';
import type { ViewDatabase } from '@turnledger/shared/ports';

const SQL = `select record from ${viewTable(views.turns)} where key = $1 and session_id = $2`;

/** A turn's row, or undefined; a turn of another session is as absent as one that never was. */
export async function findTurnRow(
  database: ViewDatabase,
  sessionId: string,
  turnId: string,
): Promise<TurnRecord<'sealed'> | undefined> {
  const [row] = await database.query<{ record: TurnRecord<'sealed'> }>(SQL, [turnId, sessionId]);
  return row?.record;
}
