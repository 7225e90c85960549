/** One row a player, keyed by the random id the vault gave them; the record is PlayerRecord in its sealed form. Found by its key alone. */
export const playersTable = (table: string): string => `
  create table if not exists ${table} (
    key      text primary key,
    stream   text not null,
    revision int not null,
    record   jsonb not null
  );
`;
