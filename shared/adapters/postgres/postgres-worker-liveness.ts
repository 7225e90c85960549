import type { Pool } from 'pg';
import { limits } from '../../contracts/index.ts';
import type { WorkerLiveness } from '../../ports/index.ts';
import { storeUnavailable, timedQuery } from './timed-query.ts';

const { queryTimeoutMs, keepMs } = limits.liveness;

// Who beats sweeps: a handful of rows, and no process of its own for them.
const BEAT = `
  with swept as (
    delete from turnledger.worker_liveness
     where worker <> $1 and beaten_at < clock_timestamp() - make_interval(secs => $2)
  )
  insert into turnledger.worker_liveness as held (worker, beat) values ($1, 1)
  on conflict (worker) do update set beat = held.beat + 1, beaten_at = clock_timestamp() where not held.has_ended`;

const END = `
  insert into turnledger.worker_liveness (worker, beat, has_ended) values ($1, 0, true)
  on conflict (worker) do update set has_ended = true, beaten_at = clock_timestamp()`;

const READ = 'select worker, beat, has_ended from turnledger.worker_liveness';

/**
 * Beats of workers in PostgreSQL, table `turnledger.worker_liveness`. The pool stays the caller's, and should not be one that turns wait
 * for: a busy process must not look like a dead one. An answer is bounded by limits.liveness.queryTimeoutMs.
 */
export function openPostgresWorkerLiveness({ pool }: { readonly pool: Pool }): WorkerLiveness {
  const query = <Row extends object>(text: string, values: readonly unknown[]) =>
    timedQuery<Row>(pool, text, values, queryTimeoutMs).catch((cause: unknown) => {
      throw storeUnavailable(cause);
    });
  return {
    beat: async (worker) => void (await query(BEAT, [worker, keepMs / 1_000])),
    end: async (worker) => void (await query(END, [worker])),
    beats: async () => {
      const { rows } = await query<{ worker: string; beat: string; has_ended: boolean }>(READ, []);
      return new Map(rows.map(({ worker, beat, has_ended }) => [worker, { beat, hasEnded: has_ended }]));
    },
  };
}
