import { views } from '@turnledger/shared/contracts';
import { type GameStateRecord, gameStateOf, type SessionEvent } from '@turnledger/shared/domain';
import type { ViewFold } from './view-fold.ts';

/** One row a turn that brought a state, of sessions that are played: which of a session's is the newest, a rewind may change. */
export const gameStatesView: ViewFold<GameStateRecord<'sealed'>> = {
  definition: views.gameStates,
  keysOf: ({ recorded, event }) => {
    const isOfSession = recorded.stream.startsWith('session-');
    return isOfSession && event.type === 'TurnRequested' && event.data.state !== undefined ? [event.data.turnId] : [];
  },
  startsRows: () => true,
  isLive: () => false,
  evolve: (_replaced, { recorded, event, aggregateId }) =>
    gameStateOf(event as SessionEvent<'sealed'>, {
      sessionId: aggregateId,
      revision: recorded.revision,
      recordedAt: recorded.metadata.recordedAt ?? '',
    }),
};
