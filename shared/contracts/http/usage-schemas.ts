import { z } from 'zod';
import { callStatuses } from './call-document.ts';
import { cost, count, instant, scenario, text, uuid } from './reply-fields.ts';

export const callSchema = z
  .object({
    id: uuid,
    turn_id: uuid,
    session_id: uuid,
    game_id: text,
    scenario,
    attempt: z.int().min(1),
    purpose: z.enum(['reply', 'summary']).meta({
      description: 'A summary is of the turns up to `turn_id`, which have ended.',
    }),
    model: z.string(),
    endpoint: z.string(),
    status: z.enum(callStatuses),
    error: z.object({ code: text, provider_status: z.int().nullable() }).nullable(),
    usage: z
      .object({
        prompt_tokens: count,
        cached_tokens: count,
        completion_tokens: count,
        reasoning_tokens: count,
        total_tokens: count,
        source: z.enum(['reported', 'estimated']),
      })
      .nullable(),
    cost_micro_usd: cost,
    price_table: text,
    first_token_ms: z.number().nullable(),
    duration_ms: z.number().nullable(),
    started_at: instant,
    ended_at: instant.nullable(),
  })
  .meta({ id: 'Call' });

const usageCounts = {
  turns: count,
  turns_completed: count,
  turns_failed: count,
  turns_cancelled: count,
  turns_timed_out: count,
  calls: count,
  prompt_tokens: count,
  cached_tokens: count,
  completion_tokens: count,
  reasoning_tokens: count,
  total_tokens: count,
  cost_micro_usd: cost,
  unpriced_calls: count,
};
const usageKey = text.optional().meta({ description: 'One of these names the group, by `by`.' });

export const usageSchema = z
  .object({
    from: z.iso.date(),
    to: z.iso.date(),
    by: z.enum(['day', 'game', 'scenario', 'model']),
    data: z.array(
      z.object({
        day: usageKey,
        game_id: usageKey,
        scenario_id: usageKey,
        endpoint: usageKey,
        model: usageKey,
        ...usageCounts,
      }),
    ),
    has_more: z.boolean(),
    totals: z.object(usageCounts),
  })
  .meta({ id: 'Usage' });
