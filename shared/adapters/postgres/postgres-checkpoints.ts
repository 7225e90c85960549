import type { Pool } from 'pg';
import { limits } from '../../contracts/index.ts';
import type { Checkpoints } from '../../ports/index.ts';
import { storeUnavailable, timedQuery } from './timed-query.ts';

const { queryTimeoutMs } = limits.views;

const READ = 'select position from turnledger.checkpoint where loop = $1';

// A loop's first step makes its row; two at once: one inserts, the other waits for it, meets the conflict and compares. No fsync: what a
// crash takes back is done again, and every loop's work may be done twice.
const MOVE = `
  with moved as (
    insert into turnledger.checkpoint as held (loop, position)
    select $1, $3 where $2::bigint = 0 or exists (select from turnledger.checkpoint where loop = $1)
    on conflict (loop) do update set position = excluded.position where held.position = $2
    returning 1
  )
  select (select count(*)::int from moved) as moved, set_config('synchronous_commit', 'off', true)`;

/** The checkpoints of loops in PostgreSQL, table `turnledger.checkpoint`; the pool stays the caller's. An answer is bounded by 10 s. */
export function openPostgresCheckpoints({ pool }: { readonly pool: Pool }): Checkpoints {
  const query = <Row extends object>(text: string, values: readonly unknown[]) =>
    timedQuery<Row>(pool, text, values, queryTimeoutMs).catch((cause: unknown) => {
      throw storeUnavailable(cause);
    });
  return {
    position: async (loop) => {
      const { rows } = await query<{ position: string }>(READ, [loop]);
      return BigInt(rows[0]?.position ?? 0);
    },
    move: async (loop, { from, to }) => {
      const { rows } = await query<{ moved: number }>(MOVE, [loop, String(from), String(to)]);
      return rows[0]?.moved === 1 ? 'ok' : 'moved';
    },
  };
}
