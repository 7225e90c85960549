import type { UsageCounts } from '../../domain/index.ts';

/**
 * Sums over calls and turns, as replies show them. The cost is that of the priced calls; null where calls were paid for and none has a
 * known price, which is not the same as free.
 */
export const usageDocument = (counts: UsageCounts) => ({
  turns: counts.turnsCompleted + counts.turnsFailed + counts.turnsCancelled + counts.turnsTimedOut,
  turns_completed: counts.turnsCompleted,
  turns_failed: counts.turnsFailed,
  turns_cancelled: counts.turnsCancelled,
  turns_timed_out: counts.turnsTimedOut,
  calls: counts.calls,
  prompt_tokens: counts.inputTokens,
  cached_tokens: counts.cachedTokens,
  completion_tokens: counts.outputTokens,
  reasoning_tokens: counts.reasoningTokens,
  total_tokens: counts.inputTokens + counts.outputTokens,
  cost_micro_usd: counts.pricedCalls === 0 && counts.unpricedCalls > 0 ? null : counts.costMicroUsd,
  unpriced_calls: counts.unpricedCalls,
});

export type UsageDocument = ReturnType<typeof usageDocument>;
