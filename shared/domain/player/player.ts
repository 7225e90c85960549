import { accepted, type Decision, unchanged } from '../decision.ts';
import type { Form, Secret } from '../secret.ts';

export interface PlayerRegistered<F extends Form> {
  readonly type: 'PlayerRegistered';
  readonly data: { readonly externalId: Secret<F, string>; readonly keyId: string };
}

export type PlayerEvent<F extends Form = Form> = PlayerRegistered<F>;

export interface PlayerState {
  /** Revision of the newest folded event; -1 before the first. */
  readonly revision: number;
  readonly status: 'none' | 'registered';
  readonly keyId: string;
}

export const initialPlayer: PlayerState = { revision: -1, status: 'none', keyId: '' };

export function evolvePlayer(state: PlayerState, event: PlayerEvent): PlayerState {
  return { revision: state.revision + 1, status: 'registered', keyId: event.data.keyId };
}

/** Makes a player known at first sight; a known one stays as they are. */
export function registerPlayer(
  command: { readonly externalId: string; readonly keyId: string },
  state: PlayerState,
): Decision<PlayerEvent<'plain'>, never> {
  return state.status === 'none' ? accepted({ type: 'PlayerRegistered', data: command }) : unchanged;
}
