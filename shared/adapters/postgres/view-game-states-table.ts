/** One row a turn that brought a game state, GameStateRecord in its sealed form; the newest of a session's effective history is the session's. */
export const gameStatesTable = (table: string, name: string): string => `
  create table if not exists ${table} (
    key        text primary key,
    stream     text not null,
    revision   int not null,
    record     jsonb not null,
    session_id text generated always as (record ->> 'sessionId') stored,
    position   int generated always as ((record ->> 'position')::int) stored
  );
  create index if not exists ${name}_newest_first on ${table} (session_id, revision desc);
`;
