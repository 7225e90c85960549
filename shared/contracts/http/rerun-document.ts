import {
  type MoveCounts,
  type RerunOverrides,
  type RerunRecord,
  type RerunState,
  type RerunSummary,
  ratio,
  type ScenarioGate,
  type SumsOfBoth,
  summariseRerun,
} from '../../domain/index.ts';
import { gateDocument } from './gate-document.ts';

export interface ShownRerun {
  readonly rerunId: string;
  /** One that was asked for. */
  readonly state: RerunState;
  /** ISO 8601. */
  readonly requestedAt: string;
  readonly endedAt?: string | undefined;
  /** The gate that waits for it, or did. */
  readonly gate?: ScenarioGate | undefined;
}

/** A re-run as it stands: what was asked for, how far it is, what it has cost, and how the new answers compare with the recorded ones. */
export function rerunDocument({ rerunId, state, requestedAt, endedAt, gate }: ShownRerun) {
  const { request, status, code } = state;
  const summary = summariseRerun(state);
  return {
    id: rerunId,
    status,
    scenario_id: request?.scenarioId ?? '',
    game_id: request?.gameId ?? null,
    mode: request?.mode ?? 'teacher_forced',
    overrides: overridesDocument(request?.overrides ?? {}),
    reuse: request?.reuse ?? true,
    concurrency: request?.concurrency ?? 1,
    spend_cap_micro_usd: request?.spendCapMicroUsd ?? null,
    gate: gate ? gateDocument(gate) : null,
    progress: {
      sessions: summary.sessions.length,
      turns: summary.turns,
      compared: summary.compared,
      reused: summary.reused,
      completed: summary.completed,
      failed: summary.failed,
    },
    spent_micro_usd: summary.spentMicroUsd,
    unpriced_turns: summary.unpricedTurns,
    comparison: comparisonDocument(summary),
    sessions: summary.sessions.map(({ sessionId, turns, compared, diverged, first }) => ({
      session_id: sessionId,
      turns,
      compared,
      diverged,
      first_divergence: first ? { turn_id: first.turnId, position: first.position } : null,
    })),
    error: code === undefined ? null : { code },
    requested_at: requestedAt,
    ended_at: endedAt ?? null,
  };
}

/** A row of the list of re-runs. */
export const rerunListDocument = (record: RerunRecord) => ({
  id: record.rerunId,
  status: record.status,
  scenario_id: record.scenarioId,
  game_id: record.gameId ?? null,
  mode: record.mode,
  gate_version: record.gateVersion ?? null,
  sessions: record.sessions,
  turns: record.turns,
  compared: record.compared,
  reused: record.reused,
  failed: record.failed,
  spent_micro_usd: record.spentMicroUsd,
  requested_at: record.requestedAt,
  ended_at: record.endedAt ?? null,
});

const overridesDocument = ({ scenarioVersion, model, temperature, topP, maxTokens }: RerunOverrides) => ({
  scenario_version: scenarioVersion ?? null,
  model: model ?? null,
  temperature: temperature ?? null,
  top_p: topP ?? null,
  max_tokens: maxTokens ?? null,
});

/** Each ratio is new over recorded, of the turns that have the figure on both sides and were asked again; `turns` says how many. */
const comparisonDocument = (summary: RerunSummary) => ({
  diverged: summary.diverged,
  diverged_rate: summary.compared === 0 ? null : summary.diverged / summary.compared,
  similarity: {
    turns: summary.similarity.turns,
    mean: summary.similarity.turns === 0 ? null : summary.similarity.sum / summary.similarity.turns,
  },
  moves: {
    changed: summary.movesChanged,
    recorded: movesDocument(summary.movesRecorded),
    repeated: movesDocument(summary.movesRepeated),
  },
  cost_micro_usd: sumsDocument(summary.cost),
  duration_ms: sumsDocument(summary.durationMs),
  first_token_ms: sumsDocument(summary.firstTokenMs),
  prompt_tokens: sumsDocument(summary.inputTokens),
  completion_tokens: sumsDocument(summary.outputTokens),
});

const movesDocument = ({ moves, illegal, unjudged }: MoveCounts) => ({
  moves,
  illegal,
  unjudged,
  illegal_rate: moves === 0 ? null : illegal / moves,
});

const sumsDocument = (sums: SumsOfBoth) => ({
  turns: sums.turns,
  recorded: sums.recorded,
  repeated: sums.repeated,
  ratio: ratio(sums) ?? null,
});

export type RerunDocument = ReturnType<typeof rerunDocument>;
export type RerunListDocument = ReturnType<typeof rerunListDocument>;
