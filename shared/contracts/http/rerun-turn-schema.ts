import { z } from 'zod';
import { cost, count, pairs, rate, text, uuid } from './reply-fields.ts';
import { turnStatuses } from './turn-schemas.ts';

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
    position: z.int().min(1),
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
