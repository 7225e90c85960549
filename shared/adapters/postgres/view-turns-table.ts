/**
 * One row a turn. The record is TurnRecord in its sealed form and, beside it, `deadlineAtMs`: the log's time of the request plus its
 * deadline, which the expiry loop compares (rounded: a log's clock may be finer than a millisecond). Times are ISO 8601 in UTC with milliseconds, so that their order as text is that of time.
 */
export const turnsTable = (table: string, name: string): string => `
  create table if not exists ${table} (
    key            text primary key,
    stream         text not null,
    revision       int not null,
    record         jsonb not null,
    session_id     text generated always as (record ->> 'sessionId') stored,
    position       int generated always as ((record ->> 'position')::int) stored,
    requested_revision int generated always as ((record ->> 'requestedRevision')::int) stored,
    status         text generated always as (record ->> 'status') stored,
    scenario_id    text generated always as (record ->> 'scenarioId') stored,
    model          text generated always as (record ->> 'model') stored,
    error_code     text generated always as (record ->> 'errorCode') stored,
    requested_at   text generated always as (record ->> 'requestedAt') stored,
    ended_at       text generated always as (record ->> 'endedAt') stored,
    deadline_at_ms bigint generated always as ((record ->> 'deadlineAtMs')::numeric::bigint) stored
  );
  create index if not exists ${name}_by_session on ${table} (session_id, requested_revision);
  -- Only open turns have a deadline left to meet: a few hundred rows, however long the history.
  create index if not exists ${name}_open_by_deadline on ${table} (deadline_at_ms) where status in ('requested', 'started');
`;
