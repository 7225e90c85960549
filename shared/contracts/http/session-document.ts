import type { SessionRecord } from '../../domain/index.ts';

/** A session as replies and lists show it; players by the ids that their game knows them by, null once erased. */
export function sessionDocument(
  session: Omit<SessionRecord<'opened'>, 'cuts'>,
  outsideIds: ReadonlyMap<string, string | null>,
) {
  const player = session.participants.find((one) => one.kind === 'player');
  return {
    id: session.sessionId,
    scenario: { id: session.scenarioId, version: session.scenarioVersion },
    game_id: session.gameId ?? null,
    player_id: player?.kind === 'player' ? (outsideIds.get(player.playerId) ?? null) : null,
    participants: session.participants.map((one) =>
      one.kind === 'player'
        ? { kind: one.kind, player_id: outsideIds.get(one.playerId) ?? null }
        : { kind: one.kind, scenario_id: one.scenarioId },
    ),
    forked_from: session.forkedFrom
      ? {
          session_id: session.forkedFrom.sessionId,
          turn_id: session.forkedFrom.turnId,
          position: session.forkedFrom.position,
        }
      : null,
    metadata: session.metadata ?? null,
    status: session.status,
    turns: session.turns,
    last_turn_id: session.lastTurnId ?? null,
    outcome: session.outcome ?? null,
    score: session.score ?? null,
    started_at: session.startedAt,
    ended_at: session.endedAt ?? null,
  };
}
