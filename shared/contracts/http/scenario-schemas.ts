import { z } from 'zod';
import { count, instant, pairs, position, text, version } from './reply-fields.ts';

export const scenarioSchema = z
  .object({
    scenario_id: z.string(),
    version,
    promoted: z.boolean().meta({ description: 'Whether new sessions take this version.' }),
    newest_version: version.meta({
      description: "The scenario's newest, promoted or not: what the next change is based on.",
    }),
    retired: z.boolean().meta({ description: 'No new session takes the scenario, and nobody changes it.' }),
    persona: z.object({ name: z.string(), instructions: z.string(), greeting: z.string().optional() }),
    models: z.array(
      z.object({
        name: z.string(),
        endpoint: z.string(),
        weight: z.number(),
        temperature: z.number().nullable(),
        top_p: z.number().nullable(),
        max_tokens: count.nullable(),
        stop: z.array(z.string()),
      }),
    ),
    strategy: z.enum(['single', 'fallback', 'weighted']),
    history: z.object({
      window_turns: count,
      input_token_budget: count,
      summary: z.object({
        mode: z.enum(['none', 'rolling']),
        max_tokens: count.optional(),
        model: z.string().optional(),
      }),
    }),
    moves: z.object({ mode: z.enum(['none', 'optional', 'required']), schema: pairs.optional() }),
    view: z.object({ model: z.array(z.string()), public: z.array(z.string()) }),
    turns: z.object({ on_busy: z.enum(['reject', 'interrupt']), max_turns: count }),
    deadlines: z.object({ first_token_ms: count, total_ms: count }),
    retry: z.object({ max_attempts: count }),
    fallback_lines: z.array(z.string()),
    note: text,
    config_hash: z.string(),
    configured_at: instant,
  })
  .meta({ id: 'Scenario' });

export const configuredSchema = z
  .object({ scenario_id: z.string(), version, config_hash: z.string(), log_position: position })
  .meta({ id: 'ConfiguredScenario' });

export const retiredSchema = z
  .object({ scenario_id: z.string(), version: count, retired: z.literal(true), log_position: position })
  .meta({ id: 'RetiredScenario' });

export const scenarioStatsSchema = z
  .object({
    version,
    turns: count.meta({ description: 'Turns that have ended.' }),
    moves_proposed: count.meta({ description: 'Moves of completed turns.' }),
    moves_accepted: count,
    moves_rejected: count,
    moves_invalid: count.meta({ description: 'Attempts whose answer had no move that the schema allows.' }),
    illegal_move_rate: z.number().min(0).max(1).nullable().meta({
      description: 'Rejected and invalid among those that were judged, by schema or game; null before the first.',
    }),
  })
  .meta({ id: 'ScenarioStats' });
