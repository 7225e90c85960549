import { accepted, type Decision, unchanged } from '../decision.ts';
import type { PlayerEvent } from './events.ts';
import type { PlayerState } from './state.ts';

/** Makes a player known at first sight; a known one stays as they are. */
export function registerPlayer(
  command: { readonly externalId: string; readonly keyId: string },
  state: PlayerState,
): Decision<PlayerEvent<'plain'>, never> {
  return state.status === 'none' ? accepted({ type: 'PlayerRegistered', data: command }) : unchanged;
}
