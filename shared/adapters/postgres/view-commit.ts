import type { ClientBase } from 'pg';
import { limits, viewName, viewTable } from '../../contracts/index.ts';
import type { CommitOutcome, ViewChange, ViewRow } from '../../ports/index.ts';
import { timedQuery } from './timed-query.ts';
import { recordText } from './view-record-text.ts';

const timeoutMs = limits.views.queryTimeoutMs;

// No fsync: rows and checkpoint are one transaction, so a crash takes both back together and what is lost is folded again from the
// log, which is synchronous. It takes the fsync (about 1 ms) out of every batch.
const BEGIN = 'begin; set local synchronous_commit = off';

// A second projector's update waits here for the first one's commit, then sees the position it left and matches no row.
const MOVE_CHECKPOINTS =
  'update turnledger_views.checkpoint set position = $3 where view = any($1::text[]) and position = $2';

// Never back to an older revision: should somebody set a checkpoint back, readers still see no row go back in time while it is folded
// again. Equal revisions do write: a fold is the same each time, unless it was repaired, and then the repair is wanted.
const upsertRows = (table: string) => `
  insert into ${table} as held (key, stream, revision, record)
  select * from unnest($1::text[], $2::text[], $3::int[], $4::jsonb[])
  on conflict (key) do update set stream = excluded.stream, revision = excluded.revision, record = excluded.record
  where excluded.revision >= held.revision`;

/** One row a key, since a statement may touch a row once: the highest revision, of equals the last. */
function newestOfEachKey(rows: readonly ViewRow[]): readonly ViewRow[] {
  const newest = new Map<string, ViewRow>();
  for (const row of rows) {
    const known = newest.get(row.key);
    if (!known || row.revision >= known.revision) newest.set(row.key, row);
  }
  return [...newest.values()];
}

/**
 * The one transaction of a batch: checkpoints first, since they decide whether the rest happens, then one statement a view. Throws what
 * `pg` throws, and then the connection must be closed: closing it is the rollback.
 */
export async function commitViews(
  client: ClientBase,
  changes: readonly ViewChange[],
  { from, to }: { readonly from: bigint; readonly to: bigint },
): Promise<CommitOutcome> {
  const views = [...new Set(changes.map(({ view }) => viewName(view)))];
  await timedQuery(client, BEGIN, [], timeoutMs);
  const moved = await timedQuery(client, MOVE_CHECKPOINTS, [views, String(from), String(to)], timeoutMs);
  if (moved.rowCount !== views.length) {
    await timedQuery(client, 'rollback', [], timeoutMs);
    return 'moved';
  }
  for (const { view, rows } of changes) {
    if (rows.length === 0) continue;
    const newest = newestOfEachKey(rows);
    const keys = newest.map(({ key }) => key);
    const streams = newest.map(({ stream }) => stream);
    const revisions = newest.map(({ revision }) => revision);
    const records = newest.map(({ record }) => recordText(record));
    await timedQuery(client, upsertRows(viewTable(view)), [keys, streams, revisions, records], timeoutMs);
  }
  await timedQuery(client, 'commit', [], timeoutMs);
  return 'ok';
}
