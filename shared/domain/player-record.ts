import type { Consent, PlayerEvent } from './player/events.ts';
import { initialPlayer } from './player/state.ts';
import type { Form, Json, Secret } from './secret.ts';

/** What a reader is shown of a player. */
export interface PlayerRecord<F extends Form> {
  readonly playerId: string;
  readonly keyId: string;
  /** What the player's game calls them. */
  readonly externalId: Secret<F, string>;
  readonly displayName?: Secret<F, string>;
  /** BCP 47, for instance `pt-PT`. */
  readonly locale?: string;
  readonly traits?: Secret<F, { readonly [key: string]: Json }>;
  readonly consent: Consent;
  /** ISO 8601, milliseconds. */
  readonly registeredAt: string;
  /** Of the profile; absent before the first one. */
  readonly updatedAt?: string;
  /** Revision of the newest event folded in. */
  readonly revision: number;
}

/** Folds one event into a player's record; undefined until the player was registered. Never throws for content. */
export function evolvePlayerRecord<F extends Form>(
  record: PlayerRecord<F> | undefined,
  event: PlayerEvent<F>,
  context: { readonly playerId: string; readonly revision: number; readonly recordedAt: string },
): PlayerRecord<F> | undefined {
  const { playerId, revision, recordedAt } = context;
  if (event.type === 'PlayerRegistered') {
    const { externalId, keyId } = event.data;
    const { consent } = initialPlayer;
    return { playerId, keyId, externalId, consent, registeredAt: recordedAt, revision };
  }
  if (!record) return undefined;
  const { profileHmac: _notShown, ...profile } = event.data;
  const { keyId, externalId, registeredAt } = record;
  // A profile is replaced whole: what the event does not name is no longer known.
  return { playerId, keyId, externalId, ...profile, registeredAt, updatedAt: recordedAt, revision };
}
