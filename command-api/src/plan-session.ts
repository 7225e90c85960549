import { TurnledgerError } from '@turnledger/shared/contracts';
import type { Participant, Speaker, StartSession } from '@turnledger/shared/domain';
import { keyedHash } from '@turnledger/shared/trust';
import { admitPlayer } from './admit-player.ts';
import { derivedSessionId, derivedSessionKeyId, type IdempotencyKey } from './idempotency.ts';
import type { CommandPorts } from './ports.ts';
import { scenarioForNewSession } from './scenario-version.ts';

/** Who asks, and under which key. */
export interface Caller {
  readonly principal: string;
  readonly key: IdempotencyKey;
  readonly traceId: string;
}

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
  readonly maxTurns: number;
  readonly totalMs: number;
  readonly modelNames: readonly string[];
}

/**
 * Finds out which session a request opens and makes the data key it needs, before anything is decided. Throws `scenario_not_found`,
 * `player_erased`, `store_unavailable`.
 */
export async function planSession(
  ports: CommandPorts,
  request: SessionRequest,
  caller: Caller,
): Promise<PlannedSession> {
  const { scenarioId, gameId } = request;
  const scenario = await scenarioForNewSession(ports.ledger, scenarioId, request.scenarioVersion);
  const player =
    request.playerId === undefined
      ? undefined
      : await admitPlayer(ports, request.playerId, { actor: 'game', correlationId: caller.traceId });
  const sessionId = derivedSessionId({
    principal: caller.principal,
    gameId,
    scenarioId,
    playerId: player?.playerId,
    key: caller.key.value,
  });
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
    maxTurns: scenario.turns.maxTurns,
    totalMs: scenario.deadlines.totalMs,
    modelNames: scenario.models.map(({ name }) => name),
  };
}

/** The keyed hash of a request, under the data key of its session: tells the same request from another under one key (rule 1). */
export async function bodyHmac({ vault }: CommandPorts, keyId: string, body: object): Promise<string> {
  const dataKey = await vault.dataKey(keyId);
  if (dataKey.outcome === 'erased') throw new TurnledgerError('player_erased');
  return keyedHash(dataKey.key, 'body', body);
}

export const actorOf = (speaker: Speaker): string =>
  speaker.kind === 'player' ? `player:${speaker.playerId}` : 'game';
