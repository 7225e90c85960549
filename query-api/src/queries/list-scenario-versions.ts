import { views, viewTable } from '@turnledger/shared/contracts';
import type { ScenarioVersion } from '@turnledger/shared/domain';
import type { ViewDatabase } from '@turnledger/shared/ports';

export interface ScenarioVersionFound {
  readonly version: number;
  readonly config: ScenarioVersion;
  readonly configuredAt: string;
}

const SQL = `
  select record from ${viewTable(views.scenarioVersions)}
  where scenario_id = $1 and version < $2
  order by version desc
  limit $3`;

/** A scenario's versions before one, newest first; one row more than the limit where there are more. */
export async function listScenarioVersions(
  database: ViewDatabase,
  scenarioId: string,
  beforeVersion: number,
  limit: number,
): Promise<readonly ScenarioVersionFound[]> {
  const rows = await database.query<{ record: ScenarioVersionFound }>(SQL, [scenarioId, beforeVersion, limit + 1]);
  return rows.map(({ record }) => record);
}
