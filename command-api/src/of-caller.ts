import type { TurnInput } from '@turnledger/shared/contracts';
import { type Caller, gameOf, playerOf, requireNoPlayer } from '@turnledger/shared/runtime';

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

/**
 * What was said, by whoever may say it. Throws `role_not_allowed` where a player's token speaks for another, or patches a state: `test` would tell
 * it what it may not see, and `copy` would put that where it may.
 */
export function ofCaller(caller: Caller, input: TurnInput): TurnInput {
  if (input.state && 'patch' in input.state) requireNoPlayer(caller, 'a patch could read the whole state');
  return { ...input, ...ofPlayer(caller, input.playerId) };
}
