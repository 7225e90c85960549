import { views } from '@turnledger/shared/contracts';
import { evolveTurnRecord, type SessionEvent, type TurnRecord, turnIdOf } from '@turnledger/shared/domain';
import type { ViewFold } from './view-fold.ts';

/** A turn's row: what readers are shown, and what relay and expiry need to find open turns again after a restart. */
export interface TurnRow extends TurnRecord<'sealed'> {
  /** The log's time of TurnRequested, milliseconds; the deadline counts from it (rule 11). */
  readonly loggedAtMs: number;
  readonly deadlineAtMs: number;
  readonly correlationId: string;
}

/** One row a turn. */
export const turnsView: ViewFold<TurnRow> = {
  definition: views.turns,
  keysOf: ({ recorded, event }) => {
    const turnId = recorded.stream.startsWith('session-') ? turnIdOf(event as SessionEvent<'sealed'>) : undefined;
    return turnId === undefined ? [] : [turnId];
  },
  evolve: (record, { recorded, event, aggregateId }, session) => {
    const turn = evolveTurnRecord<'sealed'>(record, event as SessionEvent<'sealed'>, {
      sessionId: aggregateId,
      scenarioId: session?.scenarioId ?? '',
      revision: recorded.revision,
      recordedAt: recorded.metadata.recordedAt ?? '',
    });
    if (!turn || event.type !== 'TurnRequested') return turn && record ? { ...record, ...turn } : undefined;
    return {
      ...turn,
      loggedAtMs: recorded.loggedAtMs,
      deadlineAtMs: recorded.loggedAtMs + turn.deadlineMs,
      correlationId: recorded.metadata.correlationId ?? '',
    };
  },
};
