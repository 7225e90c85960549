import { views } from '@turnledger/shared/contracts';
import { evolveTurnRecord, isTerminal, type SessionEvent, turnIdOf } from '@turnledger/shared/domain';
import type { TurnRow } from './turn-row.ts';
import type { ViewFold } from './view-fold.ts';

/** One row a turn. */
export const turnsView: ViewFold<TurnRow> = {
  definition: views.turns,
  keysOf: ({ recorded, event }) => {
    const turnId = recorded.stream.startsWith('session-') ? turnIdOf(event as SessionEvent<'sealed'>) : undefined;
    return turnId === undefined ? [] : [turnId];
  },
  startsRows: ({ event }) => event.type === 'TurnRequested',
  isLive: ({ status }) => !isTerminal(status),
  evolve: (row, { recorded, event, aggregateId }, { session }) => {
    const turn = evolveTurnRecord<'sealed'>(row, event as SessionEvent<'sealed'>, {
      sessionId: aggregateId,
      scenarioId: session?.scenarioId ?? '',
      revision: recorded.revision,
      recordedAt: recorded.metadata.recordedAt ?? '',
    });
    if (!turn) return undefined;
    if (event.type === 'TurnRequested') {
      const { loggedAtMs } = recorded;
      const correlationId = recorded.metadata.correlationId ?? '';
      return { ...turn, loggedAtMs, deadlineAtMs: loggedAtMs + turn.deadlineMs, correlationId };
    }
    if (!row) return undefined;
    const { loggedAtMs, deadlineAtMs, correlationId } = row;
    const last = event.type === 'TurnStarted' ? event.data.calls.at(-1) : row.lastCall;
    const lastCall = last && { lastCall: { model: last.model, endpoint: last.endpoint } };
    return { ...turn, loggedAtMs, deadlineAtMs, correlationId, ...lastCall };
  },
};
