/**
 * One row a day, game, scenario version, model and endpoint; the record is UsageRecord. A few rows a day are changed with every batch, so
 * there is room for the new version of a row beside the old one, and no index on a sum: then no index is written but at a row's first day.
 */
export const usageDailyTable = (table: string, name: string): string => `
  create table if not exists ${table} (
    key         text primary key,
    stream      text not null,
    revision    int not null,
    record      jsonb not null,
    day         text generated always as (record ->> 'day') stored,
    game_id     text generated always as (record ->> 'gameId') stored,
    scenario_id text generated always as (record ->> 'scenarioId') stored,
    model       text generated always as (record ->> 'model') stored
  ) with (fillfactor = 50);
  create index if not exists ${name}_of_day on ${table} (day);
`;
