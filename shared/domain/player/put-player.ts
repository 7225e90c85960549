import { accepted, type Decision, refused, unchanged } from '../decision.ts';
import { type Expected, holds } from '../expected.ts';
import type { PlayerEvent, PlayerProfileUpdated } from './events.ts';
import { registerPlayer } from './register-player.ts';
import type { PlayerState } from './state.ts';

export interface PutPlayer {
  readonly externalId: string;
  readonly keyId: string;
  /** The whole profile, with its keyed hash. */
  readonly profile: PlayerProfileUpdated<'plain'>['data'];
  /** The player's revision that the caller has seen; absent: no guard. */
  readonly expectedRevision?: Expected;
}

/** Gives a player a whole new profile, and makes them known if they are not; the profile that is there again changes nothing. */
export function putPlayer(
  { externalId, keyId, profile, expectedRevision }: PutPlayer,
  state: PlayerState,
): Decision<PlayerEvent<'plain'>, 'player_revision_mismatch'> {
  // Before the guard: a guarded request whose answer was lost has already succeeded (RFC 9110, 13.1.1).
  if (state.profileHmac === profile.profileHmac) return unchanged;
  const revision = state.status === 'none' ? undefined : state.revision;
  if (!holds(expectedRevision, revision)) return refused('player_revision_mismatch');
  const updated: PlayerEvent<'plain'> = { type: 'PlayerProfileUpdated', data: profile };
  const registered = registerPlayer({ externalId, keyId }, state);
  return registered.outcome === 'accepted' ? accepted(...registered.events, updated) : accepted(updated);
}
