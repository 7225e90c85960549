import type { Pool } from 'pg';
import { limits, TurnledgerError } from '../../contracts/index.ts';
import type { ReadOptions, RecordedEvent, StoredEvent } from '../../ports/index.ts';

const readStreamEvents = `
select revision, event_id, type, data, metadata
  from turnledger.events
 where stream = $1 and revision >= $2
 order by revision
 limit $3`;

const readNewestEvent = `
select revision, event_id, type, data, metadata
  from turnledger.events
 where stream = $1
 order by revision desc
 limit 1`;

/** At least one event, then as many as fit into both bounds; octet_length reads the size of a long text, not the text. */
const readLogPage = `
select position, stream, revision, event_id, type, data, metadata, (extract(epoch from logged_at) * 1000)::float8 as logged_at_ms
  from (select *, sum(octet_length(data)) over (order by position rows unbounded preceding) - octet_length(data) as bytes_before
          from (select * from turnledger.events where position > $1 order by position limit $2) as page) as measured
 where bytes_before < $3
 order by position`;

const readLogHead = 'select position from turnledger.log_head';

interface EventRow {
  readonly revision: number;
  readonly event_id: string;
  readonly type: string;
  readonly data: string;
  readonly metadata: string;
}

interface LogRow extends EventRow {
  readonly position: string;
  readonly stream: string;
  readonly logged_at_ms: number;
}

const storedEvent = (stream: string, row: EventRow): StoredEvent => ({
  stream,
  revision: row.revision,
  eventId: row.event_id,
  type: row.type,
  data: row.data,
  metadata: JSON.parse(row.metadata),
});

/** Runs a prepared query; whatever goes wrong, down or without our schema, is `store_unavailable`. */
async function rowsOf<Row extends object>(
  pool: Pool,
  name: string,
  text: string,
  values: readonly unknown[],
): Promise<Row[]> {
  try {
    const { rows } = await pool.query<Row>({ name, text, values: [...values] });
    return rows;
  } catch (cause) {
    throw new TurnledgerError('store_unavailable', { cause });
  }
}

/** The reads of the port, as it promises them. */
export async function readStream(pool: Pool, stream: string, options: ReadOptions): Promise<readonly StoredEvent[]> {
  const from = Math.max(0, options.fromRevision ?? 0);
  const count = Math.max(0, Math.min(options.maxCount ?? limits.log.maxReadEvents, limits.log.maxReadEvents));
  if (from > limits.log.maxRevision || count === 0) return [];
  const rows = await rowsOf<EventRow>(pool, 'read-stream', readStreamEvents, [stream, from, count]);
  return rows.map((row) => storedEvent(stream, row));
}

export async function readHead(pool: Pool, stream: string): Promise<StoredEvent | undefined> {
  const [row] = await rowsOf<EventRow>(pool, 'read-head', readNewestEvent, [stream]);
  return row && storedEvent(stream, row);
}

/** The events after a position in log order, at most limits.log.pageEvents and pageBytes (and never none while there are any). */
export async function readPage(pool: Pool, after: bigint): Promise<readonly RecordedEvent[]> {
  const bounds = [after.toString(), limits.log.pageEvents, limits.log.pageBytes];
  const rows = await rowsOf<LogRow>(pool, 'read-page', readLogPage, bounds);
  return rows.map((row) => ({
    ...storedEvent(row.stream, row),
    position: BigInt(row.position),
    loggedAtMs: row.logged_at_ms,
  }));
}

export async function headPosition(pool: Pool): Promise<bigint> {
  const [row] = await rowsOf<{ position: string }>(pool, 'read-head-position', readLogHead, []);
  if (row === undefined) throw new TurnledgerError('store_unavailable', { detail: 'the log has no head' });
  return BigInt(row.position);
}
