/**
 * A session in which recorded turns are asked again has an id of its own kind: a UUID of version 8, where those of players have 5 or 7. So the
 * id alone tells its stream, and whoever follows the category `session` never meets it.
 */
export const isRerunSessionId = (sessionId: string): boolean => sessionId.charAt(14) === '8';

/** Stream names: one per aggregate; ids are UUIDs, but a scenario's, which is its public id. */
export const sessionStream = (sessionId: string) =>
  isRerunSessionId(sessionId) ? `rerunsession-${sessionId}` : `session-${sessionId}`;
export const scenarioStream = (scenarioId: string) => `scenario-${scenarioId}`;
export const playerStream = (playerId: string) => `player-${playerId}`;
export const rerunStream = (rerunId: string) => `rerun-${rerunId}`;

/** The categories of streams: what stands before the first dash of their names. */
export type StreamKind = 'session' | 'scenario' | 'player' | 'rerun' | 'rerunsession';

/** The aggregate a stream belongs to, undefined for a stream that is not ours. */
export function parseStream(stream: string): { readonly kind: StreamKind; readonly id: string } | undefined {
  const match = /^(session|scenario|player|rerun|rerunsession)-(.+)$/.exec(stream);
  const [, kind, id] = match ?? [];
  return kind && id ? { kind: kind as StreamKind, id } : undefined;
}
