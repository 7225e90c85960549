import { views, viewTable } from '@turnledger/shared/contracts';
import type { ScenarioVersion } from '@turnledger/shared/domain';
import type { ViewDatabase } from '@turnledger/shared/ports';

export interface ScenarioVersionFound {
  readonly version: number;
  readonly config: ScenarioVersion;
  readonly configuredAt: string;
  /** The revision that promoted it; the highest of a scenario marks what new sessions take. */
  readonly promotedRevision: number | null;
}

const SQL = `
  select record from ${viewTable(views.scenarioVersions)}
  where scenario_id = $1 and version < $2
  order by version desc
  limit $3`;

const PROMOTED = `
  select record from ${viewTable(views.scenarioVersions)}
  where scenario_id = $1 and promoted_revision is not null
  order by promoted_revision desc
  limit 1`;

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

/** The version that new sessions of a scenario take, or undefined. */
export async function promotedVersion(
  database: ViewDatabase,
  scenarioId: string,
): Promise<ScenarioVersionFound | undefined> {
  const [row] = await database.query<{ record: ScenarioVersionFound }>(PROMOTED, [scenarioId]);
  return row?.record;
}
