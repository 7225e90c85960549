import { sessionStream, TurnledgerError } from '@turnledger/shared/contracts';
import type { Participant, ScenarioVersion, Speaker, StartSession } from '@turnledger/shared/domain';
import type { Role } from '@turnledger/shared/runtime';
import { keyedHash } from '@turnledger/shared/trust';
import { admitPlayer } from './admit-player.ts';
import { derivedSessionId, derivedSessionKeyId } from './idempotency.ts';
import type { CommandPorts } from './ports.ts';
import type { Requester } from './requester.ts';
import { scenarioForNewSession } from './scenario-version.ts';

export interface SessionRequest {
  readonly scenarioId: string;
  readonly scenarioVersion?: number;
  /** The game's own id of the player. */
  readonly playerId?: string;
  readonly gameId?: string;
}

/** A session that is not open yet, with everything its first event needs but the request's keyed hash. */
export interface PlannedSession {
  readonly sessionId: string;
  readonly start: Omit<StartSession, 'bodyHmac' | 'metadata'>;
  readonly speaker: Speaker;
  readonly scenario: ScenarioVersion;
}

/**
 * Finds out which session a request opens and makes the data key it needs, before anything is decided. A session that is there keeps its
 * answer, also when its scenario has been retired since. Throws `scenario_not_found`, `scenario_retired`, `player_erased`,
 * `store_unavailable`.
 */
export async function planSession(
  ports: CommandPorts,
  request: SessionRequest,
  requester: Requester,
): Promise<PlannedSession> {
  const { scenarioId, gameId } = request;
  const { scenario, isRetired } = await scenarioForNewSession(ports.ledger, scenarioId, request.scenarioVersion);
  if (isRetired && !(await isOpened(ports, request, requester))) throw new TurnledgerError('scenario_retired');
  const player = request.playerId === undefined ? undefined : await admitPlayer(ports, request.playerId, requester);
  const sessionId = sessionIdOf(request, player?.playerId, requester);
  const keyId = player?.keyId ?? derivedSessionKeyId(sessionId);
  if (!player) await ports.vault.ensureKey(keyId);
  const npc: Participant = { kind: 'npc', scenarioId };
  return {
    sessionId,
    start: {
      scenarioId,
      keyId,
      scenarioVersion: scenario.version,
      participants: player ? [{ kind: 'player', playerId: player.playerId }, npc] : [npc],
      ...(gameId !== undefined && { gameId }),
    },
    speaker: player ? { kind: 'player', playerId: player.playerId } : { kind: 'game' },
    scenario,
  };
}

const sessionIdOf = (
  { gameId, scenarioId }: SessionRequest,
  playerId: string | undefined,
  requester: Requester,
): string =>
  derivedSessionId({ principal: requester.principal, gameId, scenarioId, playerId, key: requester.key.value });

/** Whether the session of a request is there already; makes nobody known. */
async function isOpened(
  { ledger, vault }: CommandPorts,
  request: SessionRequest,
  requester: Requester,
): Promise<boolean> {
  const player = request.playerId === undefined ? undefined : await vault.findPlayer(request.playerId);
  if (request.playerId !== undefined && !player) return false;
  const stream = sessionStream(sessionIdOf(request, player?.playerId, requester));
  return (await ledger.sessions.load(stream)).status !== 'none';
}

/** The keyed hash of a request, under the data key of its session: tells the same request from another under one key (rule 1). */
export async function bodyHmac({ vault }: CommandPorts, keyId: string, body: object): Promise<string> {
  const dataKey = await vault.dataKey(keyId);
  if (dataKey.outcome === 'erased') throw new TurnledgerError('player_erased');
  return keyedHash(dataKey.key, 'body', body);
}

/**
 * Who is named as having done it: whoever spoke; with a player's token the player, also where they only reported what happened; the token's
 * role where that was no player.
 */
export const actorOf = (role: Role, player: Speaker, speaker: Speaker = player): string => {
  const acting = role === 'player' ? player : speaker;
  return acting.kind === 'player' ? `player:${acting.playerId}` : role;
};
