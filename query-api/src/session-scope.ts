import type { KeyVault } from '@turnledger/shared/ports';
import type { Caller } from '@turnledger/shared/runtime';

/** Which sessions a list may hold: of a player (by the id Turnledger gave them), of a game, or of both. */
export interface SessionScope {
  readonly playerId: string | undefined;
  readonly gameId: string | undefined;
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
  const own = {
    playerId: caller.role === 'player' ? caller.subject : undefined,
    gameId: caller.gameId,
  };
  if (own.gameId !== undefined && own.gameId !== (wanted.game_id ?? own.gameId)) return undefined;
  if (own.playerId !== undefined && own.playerId !== (wanted.player_id ?? own.playerId)) return undefined;
  const gameId = own.gameId ?? wanted.game_id;
  const outsideId = own.playerId ?? wanted.player_id;
  if (outsideId === undefined) return { playerId: undefined, gameId };
  const player = await vault.findPlayer(outsideId);
  return player && { playerId: player.playerId, gameId };
}
