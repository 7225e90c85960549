import { views, viewTable } from '@turnledger/shared/contracts';
import type { TurnRecord } from '@turnledger/shared/domain';
import type { ViewDatabase } from '@turnledger/shared/ports';
import { keptSql } from './kept-sql.ts';

const kept = keptSql(`session.record -> 'cuts'`, { revision: 'turn.requested_revision', position: 'turn.position' });

const SQL = `
  select turn.record, ${kept} as "isKept"
  from ${viewTable(views.turns)} turn
  join ${viewTable(views.sessions)} session on session.key = turn.session_id
  where turn.key = $1 and turn.session_id = $2`;

/** A turn's row, or undefined; a turn of another session is as absent as one that never was. */
export async function findTurnRow(
  database: ViewDatabase,
  sessionId: string,
  turnId: string,
): Promise<TurnRecord<'sealed'> | undefined> {
  const [row] = await database.query<{ readonly record: TurnRecord<'sealed'>; readonly isKept: boolean }>(SQL, [
    turnId,
    sessionId,
  ]);
  if (!row) return undefined;
  return row.isKept ? row.record : { ...row.record, isRewound: true };
}
