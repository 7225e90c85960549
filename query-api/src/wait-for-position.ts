import {
  limits,
  parsePositionToken,
  parseStream,
  type StreamPosition,
  TurnledgerError,
  views,
  viewTable,
} from '@turnledger/shared/contracts';
import type { QueryPorts } from './ports.ts';

/** How often a waiting query looks, milliseconds: a view is usually a few behind a write. */
const LOOK_EVERY_MS = 10;

const TABLES = { session: viewTable(views.sessions), scenario: viewTable(views.scenarioVersions) } as const;

/**
 * Waits until the views have folded what the token names, at most limits.http.maxViewWaitMs. Throws `request_invalid` for a token that is
 * not ours, `view_behind` when the time is over: never an older answer in silence.
 */
export async function waitForPosition(
  { views: database, clock }: QueryPorts,
  token: string | undefined,
): Promise<void> {
  if (token === undefined) return;
  const position = parsePositionToken(token);
  const kind = position && parseStream(position.stream)?.kind;
  if (!position || (kind !== 'session' && kind !== 'scenario')) {
    throw new TurnledgerError('request_invalid', {
      fields: [{ pointer: '/min_position', message: 'is not a log_position' }],
    });
  }
  const untilMs = clock.monotonicMs() + limits.http.maxViewWaitMs;
  while (!(await hasReached(database, TABLES[kind], position))) {
    if (clock.monotonicMs() >= untilMs) throw new TurnledgerError('view_behind', { headers: { 'retry-after': '1' } });
    await clock.sleep(LOOK_EVERY_MS);
  }
}

async function hasReached(
  database: QueryPorts['views'],
  table: string,
  { stream, revision }: StreamPosition,
): Promise<boolean> {
  const key = stream.slice(stream.indexOf('-') + 1);
  const column = table === TABLES.session ? 'key' : 'scenario_id';
  const sql = `select 1 from ${table} where ${column} = $1 and revision >= $2 limit 1`;
  return (await database.query(sql, [key, revision])).length > 0;
}
