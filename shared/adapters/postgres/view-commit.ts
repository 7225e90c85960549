import type { ClientBase } from 'pg';
import { limits, viewName, viewTable } from '../../contracts/index.ts';
import type { CommitOutcome, ViewChange, ViewDefinition, ViewRow } from '../../ports/index.ts';
import { timedQuery } from './timed-query.ts';
import { recordText } from './view-record-text.ts';

const timeoutMs = limits.views.queryTimeoutMs;

// Locked in one order, so that two projectors never wait for each other. A second one waits here for the first one's commit, then sees the
// position it left and finds no row; unless every view is found, nothing below happens.
const MOVE_CHECKPOINTS = `
  with found as (
    select view from turnledger_views.checkpoint where view = any($1::text[]) and position = $2 order by view for update
  ), moved as (
    update turnledger_views.checkpoint set position = $3
    where view = any($1::text[]) and (select count(*) from found) = cardinality($1::text[])
    returning view
  )`;

// Never back to an older revision: should somebody set a checkpoint back, readers still see no row go back in time while it is folded
// again. Equal revisions do write: a fold is the same each time, unless it was repaired, and then the repair is wanted.
// The records come as one JSON array: a PostgreSQL array of JSON texts has every quote escaped, at twice the cost on both sides.
const upsertRows = (view: ViewDefinition, parameter: number) => `
  , ${viewName(view)}_rows as (
    insert into ${viewTable(view)} as held (key, stream, revision, record)
    select given.* from rows from (
      unnest($${parameter}::text[], $${parameter + 1}::text[], $${parameter + 2}::int[]), jsonb_array_elements($${parameter + 3}::jsonb)
    ) as given (key, stream, revision, record)
    where (select count(*) from found) = cardinality($1::text[])
    on conflict (key) do update set stream = excluded.stream, revision = excluded.revision, record = excluded.record
    where excluded.revision >= held.revision
  )`;

// No fsync: rows and checkpoint are one transaction, so a crash takes both back together and what is lost is folded again from the
// log, which is synchronous. It takes the fsync (about 1 ms) out of every batch.
const ANSWER = `
  select (select count(*)::int from moved) as moved, set_config('synchronous_commit', 'off', true)`;

/** A text that PostgreSQL parses once a connection, under a name of at most 63 characters. */
interface PreparedText {
  readonly name: string;
  readonly text: string;
}

/** By the views that change together, of which a process meets some ten. */
const statements = new Map<string, PreparedText>();

function statementFor(views: readonly ViewDefinition[]): PreparedText {
  const together = views.map(viewName).join();
  const known = statements.get(together);
  if (known) return known;
  const upserts = views.map((view, index) => upsertRows(view, 4 + 4 * index));
  const text = [MOVE_CHECKPOINTS, ...upserts, ANSWER].join('');
  const statement = { name: `commit-views-${statements.size}`, text };
  statements.set(together, statement);
  return statement;
}

/** One row a key, since a statement may touch a row once: the highest revision, of equals the last. */
function newestOfEachKey(rows: readonly ViewRow[]): readonly ViewRow[] {
  const newest = new Map<string, ViewRow>();
  for (const row of rows) {
    const known = newest.get(row.key);
    if (!known || row.revision >= known.revision) newest.set(row.key, row);
  }
  return [...newest.values()];
}

const valuesOf = (rows: readonly ViewRow[]): readonly unknown[] => [
  rows.map(({ key }) => key),
  rows.map(({ stream }) => stream),
  rows.map(({ revision }) => revision),
  `[${rows.map(({ record }) => recordText(record)).join()}]`,
];

/**
 * The one statement of a batch: checkpoints and the rows of all its views, all or nothing, in one round trip. Throws what `pg` throws.
 */
export async function commitViews(
  client: ClientBase,
  changes: readonly ViewChange[],
  { from, to }: { readonly from: bigint; readonly to: bigint },
): Promise<CommitOutcome> {
  const names = [...new Set(changes.map(({ view }) => viewName(view)))];
  const byView = new Map<string, { readonly view: ViewDefinition; readonly rows: ViewRow[] }>();
  for (const { view, rows } of changes) {
    const known = byView.get(viewName(view));
    if (known) known.rows.push(...rows);
    else if (rows.length > 0) byView.set(viewName(view), { view, rows: [...rows] });
  }
  const written = [...byView.values()];
  const statement = statementFor(written.map(({ view }) => view));
  const values = [names, String(from), String(to), ...written.flatMap(({ rows }) => valuesOf(newestOfEachKey(rows)))];
  const { rows } = await timedQuery<{ moved: number }>(client, statement.text, values, timeoutMs, statement.name);
  return rows[0]?.moved === names.length ? 'ok' : 'moved';
}
