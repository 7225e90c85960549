import { hasDiverged, type Json, type RerunComparison, type TurnFigures, type TurnRecord } from '../../domain/index.ts';

/** A turn that was asked again beside what was recorded of it; a text is null where there is none, or where it has been erased. */
export const rerunTurnDocument = (
  comparison: RerunComparison,
  recorded: TurnRecord<'opened'> | undefined,
  repeated: TurnRecord<'opened'> | undefined,
) => ({
  session_id: comparison.sessionId,
  turn_id: comparison.turnId,
  position: comparison.position,
  rerun_session_id: comparison.rerunSessionId,
  rerun_turn_id: comparison.rerunTurnId,
  prompt: recorded?.prompt ?? null,
  outcome: comparison.outcome,
  diverged: hasDiverged(comparison),
  same_text: comparison.isSameText,
  similarity: comparison.similarity ?? null,
  move_difference: comparison.move,
  recorded: sideDocument(comparison.recorded, recorded),
  repeated: sideDocument(comparison.repeated, repeated),
  error: comparison.code === undefined ? null : { code: comparison.code },
});

const sideDocument = (figures: TurnFigures, turn: TurnRecord<'opened'> | undefined) => ({
  status: figures.status,
  response: turn?.reply ?? null,
  move: (turn?.move as Json | undefined) ?? null,
  move_standing: figures.move,
  model: figures.model ?? null,
  attempts: figures.attempts,
  prompt_tokens: figures.inputTokens ?? null,
  completion_tokens: figures.outputTokens ?? null,
  cost_micro_usd: figures.costMicroUsd ?? null,
  first_token_ms: figures.firstTokenMs ?? null,
  duration_ms: figures.durationMs ?? null,
});

export type RerunTurnDocument = ReturnType<typeof rerunTurnDocument>;
