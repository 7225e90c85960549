import { withDatabase } from '../../embedded/testing/stored-rows.ts';

/** What the log has of all re-runs, and of the sessions in which they ask. */
export interface RerunCounts {
  readonly compared: number;
  /** Different turns among those. */
  readonly distinct: number;
  readonly started: number;
  readonly listedCalls: number;
  readonly completed: number;
  readonly reused: number;
}

const counts = `
select count(*) filter (where type = 'RerunTurnCompared')::int as compared,
       count(distinct data::jsonb ->> 'rerunTurnId') filter (where type = 'RerunTurnCompared')::int as distinct,
       count(*) filter (where type = 'TurnStarted')::int as started,
       coalesce(sum(jsonb_array_length(data::jsonb -> 'calls')) filter (where type = 'TurnStarted'), 0)::int as "listedCalls",
       count(*) filter (where type = 'TurnCompleted')::int as completed,
       count(*) filter (where type = 'TurnReused')::int as reused
  from turnledger.events where stream like 'rerun-%' or stream like 'rerunsession-%'`;

/** Counts in the log, past the service. */
export const rerunCounts = (dataDir: string): Promise<RerunCounts> =>
  withDatabase(dataDir, async (client) => {
    const [row] = (await client.query<RerunCounts>(counts)).rows;
    return { compared: 0, distinct: 0, started: 0, listedCalls: 0, completed: 0, reused: 0, ...row };
  });

const span = `
select extract(epoch from min((metadata::jsonb ->> 'recordedAt')::timestamptz) filter (where stream like 'rerunsession-%'))::float8 * 1000 as "beganAtMs",
       extract(epoch from max((metadata::jsonb ->> 'recordedAt')::timestamptz))::float8 * 1000 as "endedAtMs"
  from turnledger.events where metadata::jsonb ->> 'correlationId' = $1`;

/** When the first session of a re-run was opened and when its last event was decided, milliseconds since the epoch. */
export const rerunSpan = (
  dataDir: string,
  rerunId: string,
): Promise<{ readonly beganAtMs: number; readonly endedAtMs: number }> =>
  withDatabase(dataDir, async (client) => {
    const { rows } = await client.query(span, [rerunId]);
    return { beganAtMs: rows[0]?.beganAtMs ?? Number.NaN, endedAtMs: rows[0]?.endedAtMs ?? Number.NaN };
  });
