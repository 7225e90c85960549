import { withDatabase } from '../../embedded/testing/stored-rows.ts';

/** What the instance's PostgreSQL has done since it began; its backends tell a second late. */
export interface StoreWork {
  readonly transactions: number;
  /** Waits for the disk, of the log of all its databases. */
  readonly syncs: number;
}

const counters = `
select (select sum(xact_commit) from pg_stat_database)::float8 as transactions,
       (select coalesce(sum(fsyncs), 0) from pg_stat_io where object = 'wal')::float8 as syncs`;

export const storeWork = (dataDir: string): Promise<StoreWork> =>
  withDatabase(dataDir, async (client) => {
    const { rows } = await client.query<StoreWork>(counters);
    return { transactions: rows[0]?.transactions ?? Number.NaN, syncs: rows[0]?.syncs ?? Number.NaN };
  });

/** The work between two looks, for one of so many turns. */
export const workPerTurn = (before: StoreWork, after: StoreWork, turns: number): StoreWork => ({
  transactions: (after.transactions - before.transactions) / turns,
  syncs: (after.syncs - before.syncs) / turns,
});
