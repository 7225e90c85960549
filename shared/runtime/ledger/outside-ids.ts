import { playerStream } from '../../contracts/index.ts';
import type { Participant, PlayerRegistered } from '../../domain/index.ts';
import type { KeyVault } from '../../ports/index.ts';
import type { Ledger } from './aggregates.ts';
import { decodePlaced, openRecord } from './opened-events.ts';

/** A game's own ids by the ids Turnledger gave its players; null for an erased player. */
export type OutsideIds = ReadonlyMap<string, string | null>;

/** The outside ids of players, read from their streams: the only place that holds them, sealed. Throws `store_unavailable`. */
export async function outsideIds(
  { ledger, vault }: { readonly ledger: Ledger; readonly vault: KeyVault },
  participants: readonly Participant[],
): Promise<OutsideIds> {
  const playerIds = new Set(participants.flatMap((one) => (one.kind === 'player' ? [one.playerId] : [])));
  const found = await Promise.all(
    [...playerIds].map(async (playerId) => {
      const stream = playerStream(playerId);
      await ledger.players.load(stream, Number.POSITIVE_INFINITY);
      const [registered] = await ledger.players.events(stream, 0, 0);
      if (!registered) return [playerId, null] as const;
      // A player's stream begins with this event, as its first decision allows no other.
      const { data } = await openRecord<PlayerRegistered<'opened'>>(decodePlaced(registered), stream, vault);
      return [playerId, data.externalId] as const;
    }),
  );
  return new Map(found);
}
