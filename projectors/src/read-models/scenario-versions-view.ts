import { views } from '@turnledger/shared/contracts';
import type { ScenarioEvent, ScenarioVersion } from '@turnledger/shared/domain';
import type { ViewFold } from './view-fold.ts';

/** A scenario version's row. The promoted version of a scenario is the one with the highest `promotedRevision`. */
export interface ScenarioVersionRow {
  readonly scenarioId: string;
  readonly version: number;
  readonly config: ScenarioVersion;
  readonly promotedRevision: number | null;
  /** Set on the version that was promoted when its scenario was retired. */
  readonly isRetired: boolean;
  readonly configuredAt: string;
  readonly revision: number;
}

/** One row a scenario version, keyed `scenario@version`. */
export const scenarioVersionsView: ViewFold<ScenarioVersionRow> = {
  definition: views.scenarioVersions,
  keysOf: ({ recorded, event, aggregateId }) =>
    recorded.stream.startsWith('scenario-') ? [`${aggregateId}@${(event as ScenarioEvent).data.version}`] : [],
  startsRows: ({ event }) => event.type === 'ScenarioConfigured',
  isLive: () => false,
  evolve: (row, { recorded, event, aggregateId }) => {
    const { revision } = recorded;
    const change = event as ScenarioEvent;
    if (change.type === 'ScenarioVersionPromoted') return row && { ...row, promotedRevision: revision, revision };
    // A gate is the scenario's and not its version's: the row is marked as having it, and no more.
    if (change.type === 'ScenarioGateOpened' || change.type === 'ScenarioGateClosed')
      return row && { ...row, revision };
    if (change.type === 'ScenarioRetired') return row && { ...row, isRetired: true, revision };
    return {
      scenarioId: aggregateId,
      version: change.data.version,
      config: change.data,
      promotedRevision: null,
      isRetired: false,
      configuredAt: recorded.metadata.recordedAt ?? '',
      revision,
    };
  },
};
