import { views } from '@turnledger/shared/contracts';
import { evolveSessionRecord, type SessionEvent, type SessionRecord } from '@turnledger/shared/domain';
import type { ViewFold } from './view-fold.ts';

/** One row a session. Every event of its stream moves the row's revision, which is what `min_position` waits for. */
export const sessionsView: ViewFold<SessionRecord<'sealed'>> = {
  definition: views.sessions,
  keysOf: ({ recorded, aggregateId }) => (recorded.stream.startsWith('session-') ? [aggregateId] : []),
  startsRows: ({ event }) => event.type === 'SessionStarted' || event.type === 'SessionForked',
  isLive: ({ status }) => status === 'open',
  evolve: (row, { recorded, event, aggregateId }) =>
    evolveSessionRecord(row, event as SessionEvent<'sealed'>, {
      sessionId: aggregateId,
      revision: recorded.revision,
      recordedAt: recorded.metadata.recordedAt ?? '',
    }),
};
