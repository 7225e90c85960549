import { playerStream } from '../../contracts/index.ts';
import { evolvePlayerRecord, type PlayerEvent, type PlayerRecord, type PlayerState } from '../../domain/index.ts';
import type { KeyVault } from '../../ports/index.ts';
import type { AggregateStore } from './aggregate-store.ts';
import { decodePlaced, openRecord } from './opened-events.ts';

/** A player as their recorded events tell it, or undefined for one who was never registered. Throws `store_unavailable`. */
export async function readPlayer(
  { players, vault }: { readonly players: AggregateStore<PlayerState>; readonly vault: KeyVault },
  playerId: string,
): Promise<PlayerRecord<'opened'> | undefined> {
  const stream = playerStream(playerId);
  const { revision } = await players.load(stream);
  let record: PlayerRecord<'sealed'> | undefined;
  for (const stored of await players.events(stream, 0, revision)) {
    const context = { playerId, revision: stored.revision, recordedAt: stored.metadata.recordedAt ?? '' };
    record = evolvePlayerRecord(record, decodePlaced(stored) as PlayerEvent<'sealed'>, context);
  }
  return record && openRecord<PlayerRecord<'opened'>>(record, stream, vault);
}
