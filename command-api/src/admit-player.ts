import { playerStream } from '@turnledger/shared/contracts';
import { registerPlayer } from '@turnledger/shared/domain';
import type { PlayerIdentity } from '@turnledger/shared/ports';
import type { Role } from '@turnledger/shared/runtime';
import type { CommandPorts } from './ports.ts';

/** The player of a game's own id, made known to vault and log at first sight; the outside id goes no further than this. */
export async function admitPlayer(
  { vault, ledger }: CommandPorts,
  outsideId: string,
  { role, traceId }: { readonly role: Role; readonly traceId: string },
): Promise<PlayerIdentity> {
  const identity = await vault.identifyPlayer(outsideId);
  const stream = playerStream(identity.playerId);
  const known = await ledger.players.load(stream, Number.POSITIVE_INFINITY);
  if (known.status === 'none') {
    const actor = role === 'player' ? `player:${identity.playerId}` : role;
    const context = { actor, correlationId: traceId };
    const command = { externalId: outsideId, keyId: identity.keyId };
    await ledger.players.transact(stream, (state) => registerPlayer(command, state), { context, likelyNew: true });
  }
  return identity;
}
