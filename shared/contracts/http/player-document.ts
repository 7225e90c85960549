import type { PlayerRecord } from '../../domain/index.ts';

/** A player as replies show them; `id` is what their game calls them, null once they are erased. */
export const playerDocument = (player: PlayerRecord<'opened'>) => ({
  id: player.externalId,
  display_name: player.displayName ?? null,
  locale: player.locale ?? null,
  traits: player.traits ?? null,
  consent: player.consent,
  registered_at: player.registeredAt,
  updated_at: player.updatedAt ?? null,
});

export type PlayerDocument = ReturnType<typeof playerDocument>;
