import { z } from 'zod';
import type { RerunRecord } from '../../domain/index.ts';
import { cost, count, instant, pairs, position, text, uuid, version } from './reply-fields.ts';
import { gateThresholdsField, rerunModes } from './rerun-bodies.ts';
import { turnStatuses } from './turn-schemas.ts';

export const rerunStatuses = [
  'running',
  'cancelling',
  'completed',
  'cancelled',
  'spend_cap_reached',
  'failed',
] as const satisfies readonly RerunRecord['status'][];

const status = z.enum(rerunStatuses);
const rate = z.number().nullable();
const place = z.int().min(1);

const gate = z
  .object({
    version,
    rerun_id: uuid,
    thresholds: gateThresholdsField,
    outcome: z.enum(['passed', 'failed', 'incomplete', 'abandoned']).nullable().meta({
      description: '`incomplete`: the re-run was not completed; null while it waits.',
    }),
    missed: z.array(z.object({ threshold: z.string(), limit: z.number(), measured: z.number().nullable() })),
  })
  .meta({ id: 'Gate' });

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
    gate: gate.nullable(),
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
        first_divergence: z.object({ turn_id: uuid, position: place }).nullable(),
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

const side = z.object({
  status: z.enum(turnStatuses),
  response: text,
  move: pairs.nullable(),
  move_standing: z.enum(['none', 'unjudged', 'accepted', 'rejected', 'invalid']),
  model: text,
  attempts: count,
  prompt_tokens: count.nullable(),
  completion_tokens: count.nullable(),
  cost_micro_usd: cost,
  first_token_ms: z.number().nullable(),
  duration_ms: z.number().nullable(),
});

export const rerunTurnSchema = z
  .object({
    session_id: uuid,
    turn_id: uuid,
    position: place,
    rerun_session_id: uuid,
    rerun_turn_id: uuid,
    prompt: text,
    outcome: z.enum(['reused', 'completed', 'failed', 'timed_out']).meta({
      description: '`reused`: its request was the recorded one, so its reply stands and nobody was asked.',
    }),
    diverged: z.boolean(),
    same_text: z.boolean(),
    similarity: rate.meta({ description: '0 to 1: words that both replies have (Sørensen–Dice).' }),
    move_difference: z.enum(['none', 'same', 'changed', 'added', 'removed']),
    recorded: side,
    repeated: side,
    error: z.object({ code: z.string() }).nullable(),
  })
  .meta({ id: 'RerunTurn' });
