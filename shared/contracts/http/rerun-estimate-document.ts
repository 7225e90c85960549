/** What a re-run would do, before it does: from what the recorded turns have used, at the price of the model that would be asked. */
export interface RerunEstimate {
  readonly sessions: number;
  readonly turns: number;
  /** At most: turns that completed and that no override changes. */
  readonly reusableTurns: number;
  /** Of the turns that would be asked. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Absent where the price of one of their models is not known. */
  readonly costMicroUsd?: number | undefined;
}

export const rerunEstimateDocument = (estimate: RerunEstimate) => ({
  dry_run: true as const,
  sessions: estimate.sessions,
  turns: estimate.turns,
  reusable_turns: estimate.reusableTurns,
  prompt_tokens: estimate.inputTokens,
  completion_tokens: estimate.outputTokens,
  cost_micro_usd: estimate.costMicroUsd ?? null,
});

export type RerunEstimateDocument = ReturnType<typeof rerunEstimateDocument>;
