/**
 * One row a scenario version, keyed `scenarioId@version`; the record is the version's configuration and, once it was promoted, the revision
 * that did it: of a scenario's versions the one with the highest `promoted_revision` is what new sessions take.
 */
export const scenarioVersionsTable = (table: string, name: string): string => `
  create table if not exists ${table} (
    key               text primary key,
    stream            text not null,
    revision          int not null,
    record            jsonb not null,
    scenario_id       text generated always as (record ->> 'scenarioId') stored,
    version           int generated always as ((record ->> 'version')::int) stored,
    promoted_revision int generated always as ((record ->> 'promotedRevision')::int) stored
  );
  create index if not exists ${name}_of_scenario on ${table} (scenario_id, version);
`;
