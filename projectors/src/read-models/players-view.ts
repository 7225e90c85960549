import { views } from '@turnledger/shared/contracts';
import { evolvePlayerRecord, type PlayerEvent, type PlayerRecord } from '@turnledger/shared/domain';
import type { ViewFold } from './view-fold.ts';

/** One row a player, under the random id the vault gave them; what is personal stays sealed under their key. */
export const playersView: ViewFold<PlayerRecord<'sealed'>> = {
  definition: views.players,
  keysOf: ({ recorded, aggregateId }) => (recorded.stream.startsWith('player-') ? [aggregateId] : []),
  startsRows: ({ event }) => event.type === 'PlayerRegistered',
  isLive: () => false,
  evolve: (row, { recorded, event, aggregateId }) =>
    evolvePlayerRecord(row, event as PlayerEvent<'sealed'>, {
      playerId: aggregateId,
      revision: recorded.revision,
      recordedAt: recorded.metadata.recordedAt ?? '',
    }),
};
