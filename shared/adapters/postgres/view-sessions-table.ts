/**
 * One row a session; the record is SessionRecord in its sealed form. Listed newest first with the key as the tie-break, so that a page
 * goes on exactly where the last one ended. `player_ids` is a JSON array of the players that take part: `player_ids ? $1`.
 */
export const sessionsTable = (table: string, name: string): string => `
  create table if not exists ${table} (
    key         text primary key,
    stream      text not null,
    revision    int not null,
    record      jsonb not null,
    scenario_id text generated always as (record ->> 'scenarioId') stored,
    game_id     text generated always as (record ->> 'gameId') stored,
    status      text generated always as (record ->> 'status') stored,
    outcome     text generated always as (record ->> 'outcome') stored,
    started_at  text generated always as (record ->> 'startedAt') stored,
    ended_at    text generated always as (record ->> 'endedAt') stored,
    parent_id   text generated always as (record #>> '{forkedFrom,sessionId}') stored,
    player_ids  jsonb generated always as (jsonb_path_query_array(record, '$.participants[*].playerId')) stored
  );
  create index if not exists ${name}_newest_first on ${table} (started_at desc, key desc);
  create index if not exists ${name}_of_scenario on ${table} (scenario_id, started_at desc, key desc);
  create index if not exists ${name}_of_parent on ${table} (parent_id, started_at) where parent_id is not null;
  create index if not exists ${name}_of_player on ${table} using gin (player_ids);
`;
