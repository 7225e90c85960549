import { views, viewTable } from '@turnledger/shared/contracts';
import type { TurnRecord, TurnStatus } from '@turnledger/shared/domain';
import type { ViewDatabase } from '@turnledger/shared/ports';
import { keptSql } from './kept-sql.ts';

export interface TurnFilter {
  readonly sessionId: string;
  readonly status?: TurnStatus | undefined;
  /** Also those that a rewind has cut. */
  readonly withRewound: boolean;
  /** Revision of the request of the last turn that is known. */
  readonly afterRevision: number;
  readonly limit: number;
}

const kept = keptSql(`session.record -> 'cuts'`, { revision: 'turn.requested_revision', position: 'turn.position' });

// Of effective history this is the order of positions; with what was rewound it is that of time.
const SQL = `
  select turn.record, ${kept} as "isKept"
  from ${viewTable(views.turns)} turn
  join ${viewTable(views.sessions)} session on session.key = turn.session_id
  where turn.session_id = $1 and turn.requested_revision > $2
    and ($3::text is null or turn.status = $3)
    and ($4 or ${kept})
  order by turn.requested_revision
  limit $5`;

interface FoundTurn {
  readonly record: TurnRecord<'sealed'>;
  readonly isKept: boolean;
}

/** A session's turns in order, those after a revision; one row more than the limit where there are more. */
export async function listTurns(
  database: ViewDatabase,
  { sessionId, status = undefined, withRewound, afterRevision, limit }: TurnFilter,
): Promise<readonly TurnRecord<'sealed'>[]> {
  const values = [sessionId, afterRevision, status ?? null, withRewound, limit + 1];
  return (await database.query<FoundTurn>(SQL, values)).map(({ record, isKept }) =>
    isKept ? record : { ...record, isRewound: true },
  );
}
