import { z } from 'zod';
import type { TurnStatus } from '../../domain/index.ts';
import { count, instant, pairs, position, scenario, text, uuid } from './reply-fields.ts';

export const turnStatuses = [
  'requested',
  'started',
  'completed',
  'failed',
  'cancelled',
  'timed_out',
] as const satisfies readonly TurnStatus[];

export const turnSchema = z
  .object({
    id: uuid,
    session_id: uuid,
    position: z.int().min(1).meta({ description: 'Place in effective history; used again after a rewind.' }),
    rewound: z.boolean().meta({ description: 'A rewind has cut it out of effective history.' }),
    status: z.enum(turnStatuses),
    prompt: text,
    trigger: z.object({ name: z.string(), args: z.json() }).nullable(),
    response: text,
    output: text.meta({ description: 'The same as `response`.' }),
    move: pairs.nullable().meta({ description: 'What the reply proposes, by the schema of its scenario.' }),
    move_verdict: z
      .object({ verdict: z.enum(['accepted', 'rejected']), state_rev: count.nullable(), reason: text })
      .nullable()
      .meta({ description: 'What the game made of the move.' }),
    model: text,
    finish_reason: z.enum(['stop', 'length']).nullable(),
    usage: z
      .object({
        prompt_tokens: count,
        completion_tokens: count,
        total_tokens: count,
        source: z.enum(['reported', 'estimated']),
      })
      .nullable(),
    attempts: count.meta({ description: 'Calls to models that were made.' }),
    duration_ms: z.number().nullable(),
    first_token_ms: z.number().nullable(),
    metadata: pairs.nullable(),
    scenario,
    state_rev: count.nullable(),
    fallback: text.meta({ description: "The scenario's line for a turn without a usable answer." }),
    error: z.object({ code: z.string() }).nullable(),
    requested_at: instant,
    ended_at: instant.nullable(),
  })
  .meta({ id: 'Turn' });

const links = z.object({ turn: z.string(), stream: z.string(), session: z.string() });

export const acceptedTurnSchema = turnSchema.extend({ log_position: position, links }).meta({ id: 'AcceptedTurn' });

export const completedTurnSchema = acceptedTurnSchema
  .extend({
    tokens_used: count.nullable().meta({ description: 'The same as `usage.total_tokens`.' }),
    completion_time: z.number().meta({ description: 'The same as `duration_ms`, in seconds.' }),
  })
  .meta({ id: 'CompletedTurn' });

export const recordedTurnSchema = turnSchema.extend({ log_position: position }).meta({ id: 'RecordedTurn' });
