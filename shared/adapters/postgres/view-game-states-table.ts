/** One row a session that has a game state: the newest, GameStateRecord in its sealed form. Found by its key alone. */
export const gameStatesTable = (table: string): string => `
  create table if not exists ${table} (
    key      text primary key,
    stream   text not null,
    revision int not null,
    record   jsonb not null
  );
`;
