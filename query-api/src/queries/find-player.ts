import { views, viewTable } from '@turnledger/shared/contracts';
import type { PlayerRecord } from '@turnledger/shared/domain';
import type { ViewDatabase } from '@turnledger/shared/ports';

const SQL = `select record from ${viewTable(views.players)} where key = $1`;

/** A player's row by the id Turnledger gave them, or undefined. */
export async function findPlayerRow(
  database: ViewDatabase,
  playerId: string,
): Promise<PlayerRecord<'sealed'> | undefined> {
  const [row] = await database.query<{ record: PlayerRecord<'sealed'> }>(SQL, [playerId]);
  return row?.record;
}
