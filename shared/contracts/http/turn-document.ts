import type { MoveVerdict, TurnRecord } from '../../domain/index.ts';

/** A turn as every reply, stream ending, list and re-render shows it. */
export function turnDocument(turn: TurnRecord<'opened'>) {
  const { usage } = turn;
  const response = turn.reply ?? (turn.status === 'cancelled' ? turn.partial : undefined) ?? null;
  return {
    id: turn.turnId,
    session_id: turn.sessionId,
    position: turn.position,
    rewound: turn.isRewound ?? false,
    status: turn.status,
    prompt: turn.prompt ?? null,
    trigger: turn.trigger ? { name: turn.trigger.name, args: turn.trigger.args ?? null } : null,
    response,
    output: response,
    move: turn.move ?? null,
    move_verdict: turn.moveVerdict ? verdictDocument(turn.moveVerdict) : null,
    model: turn.model ?? null,
    finish_reason: turn.finishReason ?? null,
    usage: usage
      ? {
          prompt_tokens: usage.input,
          completion_tokens: usage.output,
          total_tokens: usage.input + usage.output,
          source: usage.source,
        }
      : null,
    attempts: turn.attempts,
    duration_ms: turn.durationMs ?? null,
    first_token_ms: turn.firstTokenMs ?? null,
    metadata: turn.metadata ?? null,
    scenario: { id: turn.scenarioId, version: turn.scenarioVersion },
    state_rev: turn.stateRev ?? null,
    fallback: turn.fallback ?? null,
    error: turn.errorCode === undefined ? null : { code: turn.errorCode },
    requested_at: turn.requestedAt,
    ended_at: turn.endedAt ?? null,
  };
}

/** What the game made of the move; the reason is null for an accepted one, and once it is erased. */
const verdictDocument = (verdict: MoveVerdict<'opened'>) => ({
  verdict: verdict.verdict,
  state_rev: verdict.verdict === 'accepted' ? verdict.stateRev : null,
  reason: verdict.verdict === 'rejected' ? verdict.reason : null,
});

export type TurnDocument = ReturnType<typeof turnDocument>;
