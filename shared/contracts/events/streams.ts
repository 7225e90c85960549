/** Stream names: one per aggregate; a session's and a player's id are UUIDs, a scenario's is its public id. */
export const sessionStream = (sessionId: string) => `session-${sessionId}`;
export const scenarioStream = (scenarioId: string) => `scenario-${scenarioId}`;
export const playerStream = (playerId: string) => `player-${playerId}`;

export type StreamKind = 'session' | 'scenario' | 'player';

/** The aggregate a stream belongs to, undefined for a stream that is not ours. */
export function parseStream(stream: string): { readonly kind: StreamKind; readonly id: string } | undefined {
  const match = /^(session|scenario|player)-(.+)$/.exec(stream);
  const [, kind, id] = match ?? [];
  return kind && id ? { kind: kind as StreamKind, id } : undefined;
}
