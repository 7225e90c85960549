import type { Consent, PlayerEvent } from './events.ts';

/** What the rules need to know of a player; who they are stays in the log. */
export interface PlayerState {
  readonly status: 'none' | 'registered';
  /** Revision of the newest folded event; -1 before the first. */
  readonly revision: number;
  readonly keyId: string;
  readonly consent: Consent;
  /** Empty before the first profile. */
  readonly profileHmac: string;
}

/** Nobody has agreed to anything before they say so. */
export const initialPlayer: PlayerState = {
  status: 'none',
  revision: -1,
  keyId: '',
  consent: { training: false, analytics: false },
  profileHmac: '',
};

export function evolvePlayer(state: PlayerState, event: PlayerEvent): PlayerState {
  const revision = state.revision + 1;
  if (event.type === 'PlayerRegistered') return { ...state, revision, status: 'registered', keyId: event.data.keyId };
  const { consent, profileHmac } = event.data;
  return { ...state, revision, consent, profileHmac };
}
