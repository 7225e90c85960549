import { views } from '@turnledger/shared/contracts';
import { type CallRecord, callIdsOf, evolveCallRecord, type SessionEvent } from '@turnledger/shared/domain';
import type { ViewFold } from './view-fold.ts';

/**
 * One row a request to a model. An ending that gives no account of its call writes nothing here: that such a call is over follows from
 * its turn's row, which readers join.
 */
export const llmCallsView: ViewFold<CallRecord> = {
  definition: views.llmCalls,
  keysOf: ({ recorded, event }) =>
    recorded.stream.startsWith('session-') ? callIdsOf(event as SessionEvent<'sealed'>) : [],
  startsRows: ({ event }) => event.type === 'TurnStarted' || event.type === 'SummaryStarted',
  isLive: ({ status }) => status === 'open',
  evolve: (row, { recorded, event, aggregateId }, { session, turn }, callId) =>
    evolveCallRecord(row, event as SessionEvent<'sealed'>, {
      callId,
      sessionId: aggregateId,
      gameId: session?.gameId,
      scenarioId: session?.scenarioId ?? '',
      scenarioVersion: turn?.scenarioVersion ?? 0,
      playerId: turn?.speaker.kind === 'player' ? turn.speaker.playerId : undefined,
      revision: recorded.revision,
      recordedAt: recorded.metadata.recordedAt ?? '',
    }),
};
