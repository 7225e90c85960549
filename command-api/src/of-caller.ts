import type { TurnInput } from '@turnledger/shared/contracts';
import { type Caller, gameOf, playerOf } from '@turnledger/shared/runtime';

/** The player that a new session is for: with a player's token the player themself. Throws `role_not_allowed` for another. */
export function ofPlayer(caller: Caller, wanted: string | undefined): { readonly playerId?: string } {
  const playerId = playerOf(caller, wanted);
  return playerId === undefined ? {} : { playerId };
}

/** The game that a new session is for: with a bound token the game that binds it. Throws `role_not_allowed` for another. */
export function ofGame(caller: Caller, wanted: string | undefined): { readonly gameId?: string } {
  const gameId = gameOf(caller, wanted);
  return gameId === undefined ? {} : { gameId };
}

/** What was said, by whoever may say it. Throws `role_not_allowed` where a player's token speaks for another. */
export const ofCaller = (caller: Caller, input: TurnInput): TurnInput => ({
  ...input,
  ...ofPlayer(caller, input.playerId),
});
