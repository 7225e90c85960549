import { views } from '@turnledger/shared/contracts';
import { type GameStateRecord, gameStateOf, type SessionEvent } from '@turnledger/shared/domain';
import type { ViewFold } from './view-fold.ts';

/** One row a session whose turns brought a state: the newest. */
export const gameStatesView: ViewFold<GameStateRecord<'sealed'>> = {
  definition: views.gameStates,
  keysOf: ({ event, aggregateId }) =>
    event.type === 'TurnRequested' && event.data.state !== undefined ? [aggregateId] : [],
  startsRows: () => true,
  isLive: () => false,
  evolve: (_replaced, { recorded, event, aggregateId }) =>
    gameStateOf(event as SessionEvent<'sealed'>, {
      sessionId: aggregateId,
      revision: recorded.revision,
      recordedAt: recorded.metadata.recordedAt ?? '',
    }),
};
