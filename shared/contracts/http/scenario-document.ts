import type { ScenarioVersion, SummaryConfig } from '../../domain/index.ts';

const summaryDocument = (summary: SummaryConfig | undefined) => ({
  mode: summary?.mode ?? ('none' as const),
  ...(summary && { max_tokens: summary.maxTokens }),
  ...(summary?.model !== undefined && { model: summary.model }),
});

/** A scenario version as queries show it: the same members that `POST /llm/configure` takes, all of them filled in. */
export function scenarioDocument(found: {
  readonly scenarioId: string;
  readonly config: ScenarioVersion;
  readonly configuredAt: string;
  readonly isPromoted: boolean;
  readonly newestVersion: number;
  readonly isRetired: boolean;
}) {
  const { config } = found;
  return {
    scenario_id: found.scenarioId,
    version: config.version,
    promoted: found.isPromoted,
    newest_version: found.newestVersion,
    retired: found.isRetired,
    persona: config.persona,
    models: config.models.map((model) => ({
      name: model.name,
      endpoint: model.endpoint,
      weight: model.weight,
      temperature: model.temperature ?? null,
      top_p: model.topP ?? null,
      max_tokens: model.maxTokens ?? null,
      stop: model.stop,
    })),
    strategy: config.strategy,
    history: {
      window_turns: config.history.windowTurns,
      input_token_budget: config.history.inputTokenBudget,
      summary: summaryDocument(config.history.summary),
    },
    moves: config.moves,
    view: config.view,
    turns: { on_busy: config.turns.onBusy, max_turns: config.turns.maxTurns },
    deadlines: { first_token_ms: config.deadlines.firstTokenMs, total_ms: config.deadlines.totalMs },
    retry: { max_attempts: config.retry.maxAttempts },
    fallback_lines: config.fallbackLines,
    note: config.note ?? null,
    config_hash: config.configHash,
    configured_at: found.configuredAt,
  };
}
