import { views, viewTable } from '@turnledger/shared/contracts';
import { noUsage, type UsageCounts } from '@turnledger/shared/domain';
import type { ViewDatabase } from '@turnledger/shared/ports';

const countNames = Object.keys(noUsage) as readonly (keyof UsageCounts)[];

/** Of the days' sums, which each event is in once: nothing is counted anew, whatever is projected again. */
const SQL = `
  select (record ->> 'scenarioVersion')::int as version,
    ${countNames.map((name) => `sum((record ->> '${name}')::bigint)::float8 as "${name}"`).join(', ')}
  from ${viewTable(views.usageDaily)}
  where scenario_id = $1 and ($2::text is null or game_id = $2)
    and (record ->> 'scenarioVersion')::int = any ($3::int[])
  group by 1`;

export interface VersionsFilter {
  readonly scenarioId: string;
  readonly gameId: string | undefined;
  readonly versions: readonly number[];
}

/** What has been counted of some versions of a scenario, in one game or in all; a version that nobody has played is not there. */
export async function sumScenarioVersions(
  database: ViewDatabase,
  { scenarioId, gameId, versions }: VersionsFilter,
): Promise<ReadonlyMap<number, UsageCounts>> {
  type Row = UsageCounts & { readonly version: number };
  const rows = await database.query<Row>(SQL, [scenarioId, gameId ?? null, versions]);
  return new Map(rows.map(({ version, ...counts }) => [version, counts]));
}
