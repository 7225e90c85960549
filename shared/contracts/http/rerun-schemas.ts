import { z } from 'zod';
import type { RerunRecord } from '../../domain/index.ts';
import { gateSchema } from './gate-schema.ts';
import { cost, count, instant, position, rate, text, uuid, version } from './reply-fields.ts';
import { rerunModes } from './rerun-fields.ts';

export const rerunStatuses = [
  'running',
  'cancelling',
  'completed',
  'cancelled',
  'spend_cap_reached',
  'failed',
] as const satisfies readonly RerunRecord['status'][];

const status = z.enum(rerunStatuses);

const sums = z
  .object({ turns: count, recorded: z.number(), repeated: z.number(), ratio: rate })
  .meta({ description: 'Over the turns that were asked again and have the figure on both sides.' });

const moves = z.object({ moves: count, illegal: count, unjudged: count, illegal_rate: rate });

export const rerunSchema = z
  .object({
    id: uuid,
    status,
    scenario_id: z.string(),
    game_id: text,
    mode: z.enum(rerunModes),
    overrides: z.object({
      scenario_version: version.nullable(),
      model: z.object({ name: z.string(), endpoint: z.string() }).nullable(),
      temperature: z.number().nullable(),
      top_p: z.number().nullable(),
      max_tokens: count.nullable(),
    }),
    reuse: z.boolean(),
    concurrency: z.int().min(1),
    spend_cap_micro_usd: count.nullable(),
    gate: gateSchema.nullable(),
    progress: z.object({
      sessions: count,
      turns: count,
      compared: count,
      reused: count,
      completed: count,
      failed: count,
    }),
    spent_micro_usd: count.meta({ description: 'As far as prices are known; `unpriced_turns` are not in it.' }),
    unpriced_turns: count,
    comparison: z.object({
      diverged: count,
      diverged_rate: rate,
      similarity: z.object({ turns: count, mean: rate }),
      moves: z.object({ changed: count, recorded: moves, repeated: moves }),
      cost_micro_usd: sums,
      duration_ms: sums,
      first_token_ms: sums,
      prompt_tokens: sums,
      completion_tokens: sums,
    }),
    sessions: z.array(
      z.object({
        session_id: uuid,
        turns: count,
        compared: count,
        diverged: count,
        first_divergence: z.object({ turn_id: uuid, position: z.int().min(1) }).nullable(),
      }),
    ),
    error: z.object({ code: z.string() }).nullable(),
    requested_at: instant,
    ended_at: instant.nullable(),
  })
  .meta({ id: 'Rerun' });

export const recordedRerunSchema = rerunSchema.extend({ log_position: position }).meta({ id: 'RecordedRerun' });

export const rerunListSchema = z
  .object({
    id: uuid,
    status,
    scenario_id: z.string(),
    game_id: text,
    mode: z.enum(rerunModes),
    gate_version: version.nullable(),
    sessions: count,
    turns: count,
    compared: count,
    reused: count,
    failed: count,
    spent_micro_usd: count,
    requested_at: instant,
    ended_at: instant.nullable(),
  })
  .meta({ id: 'RerunRow' });

export const rerunEstimateSchema = z
  .object({
    dry_run: z.literal(true),
    sessions: count,
    turns: count,
    reusable_turns: count.meta({ description: 'At most: turns that completed and that no override changes.' }),
    prompt_tokens: count.meta({
      description: 'Of the turns that would be asked, by what they used when they were recorded.',
    }),
    completion_tokens: count,
    cost_micro_usd: cost,
  })
  .meta({ id: 'RerunEstimate' });
