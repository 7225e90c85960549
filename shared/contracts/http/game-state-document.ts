import type { GameStateRecord, Json } from '../../domain/index.ts';

/** A session's game state as replies show it; all null before the first. `data`: what of it the reader may see, null once erased. */
export const gameStateDocument = (
  sessionId: string,
  state: Omit<GameStateRecord<'opened'>, 'data'> | undefined,
  data: Json | null,
) => ({
  session_id: sessionId,
  rev: state?.rev ?? null,
  turn_id: state?.turnId ?? null,
  recorded_at: state?.recordedAt ?? null,
  data: state ? data : null,
});

export type GameStateDocument = ReturnType<typeof gameStateDocument>;
