import pg from 'pg';
import { runningPostgresOf } from './kill-postgres.ts';

const COUNT = `
  select count(*)::int as open
  from turnledger.events as requested
  where type = 'TurnRequested' and logged_at <= to_timestamp($1)
    and not exists (
      select 1 from turnledger.events as ended
      where ended.stream = requested.stream and ended.logged_at <= to_timestamp($1)
        and ended.type in ('TurnCompleted', 'TurnFailed', 'TurnCancelled', 'TurnTimedOut')
        and ended.data::jsonb ->> 'turnId' = requested.data::jsonb ->> 'turnId')`;

/** How many turns were requested and not ended at a moment, by the log of a data folder whose service runs again; 0 when it does not answer. */
export async function openTurnsAt(dataDir: string, atMs: number): Promise<number> {
  const postgres = await runningPostgresOf(dataDir);
  if (!postgres) return 0;
  const client = new pg.Client({ ...postgres.connection });
  await client.connect();
  try {
    const { rows } = await client.query<{ open: number }>(COUNT, [atMs / 1_000]);
    return rows[0]?.open ?? 0;
  } finally {
    await client.end();
  }
}
