import type { KeyVault } from '@turnledger/shared/ports';
import type { Caller } from '@turnledger/shared/runtime';

/** Which sessions a list may hold: of a player (by the id Turnledger gave them), of a game, or of both. */
export interface SessionScope {
  readonly playerId: string | undefined;
  readonly gameId: string | undefined;
}

/**
 * The game that a caller may be told about when they ask for one or for all: with a bound token the game that binds it. Undefined when they
 * ask for another, which is answered like one that nobody has heard of.
 */
export function gameScope(
  { gameId: bound }: Caller,
  wanted: string | undefined,
): { readonly gameId: string | undefined } | undefined {
  if (bound !== undefined && wanted !== undefined && wanted !== bound) return undefined;
  return { gameId: bound ?? wanted };
}

/**
 * What a caller asks for within what is theirs: a player's token lists their own sessions whatever it asks for, a bound one those of its
 * game. Undefined when there can be none: a foreign player or game is answered like one that nobody has heard of. Throws `store_unavailable`.
 */
export async function sessionScope(
  vault: KeyVault,
  caller: Caller,
  wanted: { readonly player_id?: string | undefined; readonly game_id?: string | undefined },
): Promise<SessionScope | undefined> {
  const game = gameScope(caller, wanted.game_id);
  if (!game) return undefined;
  const self = caller.role === 'player' ? caller.subject : undefined;
  if (self !== undefined && self !== (wanted.player_id ?? self)) return undefined;
  const outsideId = self ?? wanted.player_id;
  if (outsideId === undefined) return { ...game, playerId: undefined };
  const player = await vault.findPlayer(outsideId);
  return player && { ...game, playerId: player.playerId };
}
