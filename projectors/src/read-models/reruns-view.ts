import { views } from '@turnledger/shared/contracts';
import { evolveRerunRecord, type RerunEvent, type RerunRecord } from '@turnledger/shared/domain';
import type { ViewFold } from './view-fold.ts';

/** One row a re-run, by its own stream alone: the sessions that it makes are in no view. */
export const rerunsView: ViewFold<RerunRecord> = {
  definition: views.reruns,
  keysOf: ({ recorded, aggregateId }) => (recorded.stream.startsWith('rerun-') ? [aggregateId] : []),
  startsRows: ({ event }) => event.type === 'RerunRequested',
  isLive: ({ status }) => status === 'running' || status === 'cancelling',
  evolve: (row, { recorded, event, aggregateId }) =>
    evolveRerunRecord(row, event as RerunEvent, {
      rerunId: aggregateId,
      revision: recorded.revision,
      recordedAt: recorded.metadata.recordedAt ?? '',
    }),
};
