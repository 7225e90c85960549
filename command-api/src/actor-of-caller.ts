import { TurnledgerError } from '@turnledger/shared/contracts';
import type { KeyVault } from '@turnledger/shared/ports';
import type { Caller } from '@turnledger/shared/runtime';

/**
 * How events name a caller: by the id Turnledger gave a player, else by the role of the token. Throws `player_not_found` for a player
 * whom nobody has seen, `store_unavailable`.
 */
export async function actorOfCaller({ role, subject }: Caller, vault: KeyVault): Promise<string> {
  if (role !== 'player') return role;
  const player = await vault.findPlayer(subject);
  if (!player) throw new TurnledgerError('player_not_found');
  return `player:${player.playerId}`;
}
