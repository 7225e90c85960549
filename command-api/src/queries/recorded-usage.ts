import { limits, views, viewTable } from '@turnledger/shared/contracts';
import type { Usage } from '@turnledger/shared/domain';
import type { ViewDatabase } from '@turnledger/shared/ports';

/** What a turn has used when it was recorded, and of which model. */
export interface RecordedUsage {
  readonly usage: Usage | null;
  readonly lastCall: { readonly model: string; readonly endpoint: string } | null;
}

const SQL = `
  select key, record -> 'usage' as usage, record -> 'lastCall' as "lastCall"
  from ${viewTable(views.turns)} where key = any($1::text[])`;

/** The usage of turns by their ids, as far as the view has them: limits.rerun.maxTurnsPerQuery a query. Throws `store_unavailable`. */
export async function recordedUsage(
  database: ViewDatabase,
  turnIds: readonly string[],
): Promise<ReadonlyMap<string, RecordedUsage>> {
  const { maxTurnsPerQuery } = limits.rerun;
  const found = new Map<string, RecordedUsage>();
  for (let from = 0; from < turnIds.length; from += maxTurnsPerQuery) {
    const rows = await database.query<RecordedUsage & { key: string }>(SQL, [
      turnIds.slice(from, from + maxTurnsPerQuery),
    ]);
    for (const { key, ...recorded } of rows) found.set(key, recorded);
  }
  return found;
}
