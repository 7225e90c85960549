import { views, viewTable } from '@turnledger/shared/contracts';
import type { ViewDatabase } from '@turnledger/shared/ports';
import type { ScenarioVersionFound } from './list-scenario-versions.ts';

export interface ScenarioFound {
  /** What new sessions take, or took until the scenario was retired. */
  readonly promoted: ScenarioVersionFound & { readonly isRetired: boolean };
  readonly newestVersion: number;
  /** Of the scenario's newest event. */
  readonly revision: number;
}

/** Every event of a scenario changes one row of its versions, so that the highest revision among them is the scenario's. */
const SQL = `
  select promoted.record as promoted, whole.version as "newestVersion", whole.revision
  from (
    select record from ${viewTable(views.scenarioVersions)}
    where scenario_id = $1 and promoted_revision is not null
    order by promoted_revision desc
    limit 1
  ) promoted, (
    select max(version) as version, max(revision) as revision from ${viewTable(views.scenarioVersions)}
    where scenario_id = $1
  ) whole`;

/** A scenario as a whole, or undefined. */
export async function findScenario(database: ViewDatabase, scenarioId: string): Promise<ScenarioFound | undefined> {
  const [found] = await database.query<ScenarioFound>(SQL, [scenarioId]);
  return found;
}
