import { views, viewTable } from '@turnledger/shared/contracts';
import type { SessionRecord } from '@turnledger/shared/domain';
import type { ViewDatabase } from '@turnledger/shared/ports';

const SQL = `select record from ${viewTable(views.sessions)} where key = $1`;

/** A session's row, or undefined. */
export async function findSession(
  database: ViewDatabase,
  sessionId: string,
): Promise<SessionRecord<'sealed'> | undefined> {
  const [row] = await database.query<{ record: SessionRecord<'sealed'> }>(SQL, [sessionId]);
  return row?.record;
}
