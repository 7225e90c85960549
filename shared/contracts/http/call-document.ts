import type { CallRecord, CallStatus } from '../../domain/index.ts';

/** `unaccounted`: the turn of a reply's call has ended, and nobody has said what the call came to or what it cost. */
export const callStatuses = [
  'open',
  'completed',
  'failed',
  'late',
  'cancelled',
  'timed_out',
  'lost',
  'unaccounted',
] as const satisfies readonly (CallStatus | 'unaccounted')[];

/** A model call as its list shows it; `turnEndedAt` is when its turn ended, null while it is open. Nothing that was said is in it. */
export function callDocument(call: CallRecord, turnEndedAt: string | null) {
  const { usage, purpose = 'reply' } = call;
  // A summary is about turns that have ended: that says nothing of its call.
  const endedAt = purpose === 'reply' ? turnEndedAt : null;
  return {
    id: call.callId,
    turn_id: call.turnId,
    session_id: call.sessionId,
    game_id: call.gameId ?? null,
    scenario: { id: call.scenarioId, version: call.scenarioVersion },
    attempt: call.attempt,
    purpose,
    model: call.model,
    endpoint: call.endpoint,
    status: call.status === 'open' && endedAt !== null ? ('unaccounted' as const) : call.status,
    error:
      call.code === undefined && call.providerStatus === undefined
        ? null
        : { code: call.code ?? null, provider_status: call.providerStatus ?? null },
    usage: usage
      ? {
          prompt_tokens: usage.input,
          cached_tokens: usage.cached,
          completion_tokens: usage.output,
          reasoning_tokens: usage.reasoning,
          total_tokens: usage.input + usage.output,
          source: usage.source,
        }
      : null,
    cost_micro_usd: call.costMicroUsd ?? null,
    price_table: call.priceTable ?? null,
    first_token_ms: call.firstTokenMs ?? null,
    duration_ms: call.durationMs ?? null,
    started_at: call.startedAt,
    ended_at: call.endedAt ?? endedAt,
  };
}

export type CallDocument = ReturnType<typeof callDocument>;
