import type { Pool } from 'pg';
import { limits } from '../../contracts/index.ts';
import { storeUnavailable, timedQuery } from './timed-query.ts';

/** An event that a loop left out, and since when. The event itself stays in the log, under its stream and revision. */
export interface ListedParkedEvent {
  readonly loop: string;
  readonly stream: string;
  readonly revision: number;
  readonly position: bigint;
  readonly type: string;
  /** Why: a code of the catalogue. */
  readonly code: string;
  readonly parkedAt: Date;
}

interface ParkedRow extends Omit<ListedParkedEvent, 'position' | 'parkedAt'> {
  readonly position: string;
  readonly parked_at: Date;
  readonly total: string;
}

const LIST = `
  select loop, stream, revision, position, type, code, parked_at, count(*) over () as total
  from turnledger.parked_event
  order by parked_at desc, loop, stream, revision
  limit $1`;

/** The newest `max` of the parked events, the newest first, and how many there are. Throws `store_unavailable`; an answer is bounded by 10 s. */
export async function listParkedEvents(
  pool: Pool,
  max: number,
): Promise<{ readonly total: number; readonly newest: readonly ListedParkedEvent[] }> {
  const { rows } = await timedQuery<ParkedRow>(pool, LIST, [max], limits.views.queryTimeoutMs).catch((cause) => {
    throw storeUnavailable(cause);
  });
  return {
    total: Number(rows[0]?.total ?? 0),
    newest: rows.map(({ total: _ofAll, position, parked_at: parkedAt, ...row }) => ({
      ...row,
      position: BigInt(position),
      parkedAt,
    })),
  };
}
