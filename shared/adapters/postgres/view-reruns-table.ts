/** One row a re-run; the record is RerunRecord. Listed newest first; the runner looks for those that are not over, oldest first. */
export const rerunsTable = (table: string, name: string): string => `
  create table if not exists ${table} (
    key          text primary key,
    stream       text not null,
    revision     int not null,
    record       jsonb not null,
    scenario_id  text generated always as (record ->> 'scenarioId') stored,
    game_id      text generated always as (record ->> 'gameId') stored,
    status       text generated always as (record ->> 'status') stored,
    requested_at text generated always as (record ->> 'requestedAt') stored
  );
  create index if not exists ${name}_newest_first on ${table} (requested_at desc, key desc);
  create index if not exists ${name}_running on ${table} (requested_at, key) where status in ('running', 'cancelling');
`;
