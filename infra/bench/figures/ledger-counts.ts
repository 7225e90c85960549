import { setTimeout as sleep } from 'node:timers/promises';
import { views, viewTable } from '@turnledger/shared/contracts';
import type pg from 'pg';
import { withDatabase } from '../../embedded/testing/stored-rows.ts';
import type { TurnCounts } from './row-parity.ts';

export type LedgerCounts = Omit<TurnCounts, 'twinCalls' | 'answered'>;

/** How durable the instance's PostgreSQL is, as it says itself. */
export interface DurabilitySettings {
  readonly fsync: string;
  readonly synchronous_commit: string;
  readonly server_version: string;
}

const CATCH_UP_MS = 30_000;
const LOOK_EVERY_MS = 50;

const logCounts = `
select count(*) filter (where type = 'TurnRequested')::int as requested,
       count(distinct data::jsonb ->> 'turnId') filter (where type = 'TurnRequested')::int as distinct,
       count(*) filter (where type = 'TurnStarted')::int as started,
       coalesce(sum(jsonb_array_length(data::jsonb -> 'calls')) filter (where type = 'TurnStarted'), 0)::int as "listedCalls",
       count(*) filter (where type = 'TurnCompleted')::int as completed
  from turnledger.events`;

const viewCount = `select count(*)::int as rows from ${viewTable(views.turns)} where status = 'completed'`;

/** Completed rows of the turns view, once there are as many as in the log, or after 30 s. */
export async function settledViewRows(client: pg.Client, completed: number): Promise<number> {
  const deadline = AbortSignal.timeout(CATCH_UP_MS);
  while (true) {
    const rows: number = (await client.query(viewCount)).rows[0]?.rows ?? 0;
    if (rows >= completed || deadline.aborted) return rows;
    await sleep(LOOK_EVERY_MS);
  }
}

/** Counts turns in the log and, once the view has come up with it (at most 30 s), in the view; past the service, in its PostgreSQL. */
export const ledgerCounts = (dataDir: string): Promise<LedgerCounts> =>
  withDatabase(dataDir, async (client) => {
    const [counts] = (await client.query<Omit<LedgerCounts, 'viewRows'>>(logCounts)).rows;
    const { requested = 0, distinct = 0, started = 0, listedCalls = 0, completed = 0 } = counts ?? {};
    return { requested, distinct, started, listedCalls, completed, viewRows: await settledViewRows(client, completed) };
  });

/** Asks the instance's PostgreSQL, not its configuration. */
export const durabilityOf = (dataDir: string): Promise<DurabilitySettings> =>
  withDatabase(dataDir, async (client) => {
    const show = async (name: keyof DurabilitySettings): Promise<string> =>
      (await client.query(`show ${name}`)).rows[0]?.[name];
    return {
      fsync: await show('fsync'),
      synchronous_commit: await show('synchronous_commit'),
      server_version: await show('server_version'),
    };
  });
