/**
 * One row a request to a model; the record is CallRecord, nothing of which is personal but the player's random id. Listed newest first
 * with the key as the tie-break; a session's calls, the usual question, have an index of their own. Filters on game, scenario, model and
 * status go along the newest first: every further index would be written with every turn.
 */
export const llmCallsTable = (table: string, name: string): string => `
  create table if not exists ${table} (
    key         text primary key,
    stream      text not null,
    revision    int not null,
    record      jsonb not null,
    session_id  text generated always as (record ->> 'sessionId') stored,
    turn_id     text generated always as (record ->> 'turnId') stored,
    game_id     text generated always as (record ->> 'gameId') stored,
    scenario_id text generated always as (record ->> 'scenarioId') stored,
    model       text generated always as (record ->> 'model') stored,
    status      text generated always as (record ->> 'status') stored,
    started_at  text generated always as (record ->> 'startedAt') stored
  );
  create index if not exists ${name}_newest_first on ${table} (started_at desc, key desc);
  create index if not exists ${name}_of_session on ${table} (session_id, started_at desc, key desc);
`;
