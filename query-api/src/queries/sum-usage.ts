import { views, viewTable } from '@turnledger/shared/contracts';
import { noUsage, type UsageCounts } from '@turnledger/shared/domain';
import type { ViewDatabase } from '@turnledger/shared/ports';

export type UsageBy = 'day' | 'game' | 'scenario' | 'model';

export interface UsageFilter {
  readonly by: UsageBy;
  /** Days, both included: `2026-01-31`. */
  readonly fromDay: string;
  readonly toDay: string;
  readonly gameId?: string | undefined;
  readonly scenarioId?: string | undefined;
  readonly limit: number;
}

export interface UsageSum {
  readonly keys: { readonly [name: string]: string };
  readonly counts: UsageCounts;
}

/** What each way of asking tells apart, by the name that a reader sees. */
const KEYS: { readonly [by in UsageBy]: { readonly [name: string]: string } } = {
  day: { day: 'day' },
  game: { game_id: 'game_id' },
  scenario: { scenario_id: 'scenario_id' },
  model: { model: 'model', endpoint: "record ->> 'endpoint'" },
};

/** Days come in their order, anything else with the most calls first. */
const ORDER: { readonly [by in UsageBy]: string } = {
  day: 'key',
  game: 'calls desc, key',
  scenario: 'calls desc, key',
  model: 'calls desc, key',
};

const countNames = Object.keys(noUsage) as readonly (keyof UsageCounts)[];

/** One statement sums the groups and the whole: they agree, whatever is written meanwhile. */
const statement = (by: UsageBy) => `
  with sums as (
    select grouping(key) as "isTotal", key,
      ${countNames.map((name) => `coalesce(sum((record ->> '${name}')::bigint), 0)::float8 as "${name}"`).join(', ')}
    from (
      select jsonb_build_object(${Object.entries(KEYS[by])
        .map(([name, column]) => `'${name}', ${column}`)
        .join(', ')}) as key, record
      from ${viewTable(views.usageDaily)}
      where day >= $1 and day <= $2
        and ($3::text is null or game_id = $3)
        and ($4::text is null or scenario_id = $4)
    ) found
    group by grouping sets ((key), ())
  )
  select * from sums order by "isTotal" desc, ${ORDER[by]}
  limit $5`;

/** Usage between two days by day, game, scenario or model, and its total; one group more than the limit where there are more. */
export async function sumUsage(
  database: ViewDatabase,
  { by, fromDay, toDay, gameId, scenarioId, limit }: UsageFilter,
): Promise<{ readonly total: UsageCounts; readonly groups: readonly UsageSum[] }> {
  type Row = UsageCounts & { readonly key: UsageSum['keys'] | null };
  const values = [fromDay, toDay, gameId ?? null, scenarioId ?? null, limit + 2];
  const [total = { ...noUsage, key: null }, ...groups] = await database.query<Row>(statement(by), values);
  return { total, groups: groups.map((row) => ({ keys: row.key ?? {}, counts: row })) };
}
