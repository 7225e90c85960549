import { z } from 'zod';
import type { RerunMode } from '../../domain/index.ts';
import { limits } from '../limits.ts';
import { outsideIdField } from './field-schemas.ts';
import { recordedTime } from './recorded-time.ts';

export const rerunModes = ['teacher_forced', 'free_running'] as const satisfies readonly RerunMode[];

const { rerun } = limits;

/** As it is recorded: the order of such texts is that of time. */
const instantField = z.iso
  .datetime({ offset: true, error: 'must be a time with its zone, as in 2026-01-31T09:30:00Z' })
  .transform((value) => recordedTime(Date.parse(value)));

/** How any re-run is made. */
export const mannerFields = {
  mode: z.enum(rerunModes).default('teacher_forced').meta({
    description:
      'Each recorded turn is asked again after its recorded history, or the new answers carry on; then no summaries are made of what the window leaves behind.',
  }),
  reuse: z.boolean().default(true).meta({
    description:
      'Whether a recorded reply stands, at no cost, where the request that is made again is the recorded one.',
  }),
  concurrency: z.int().min(1).max(rerun.maxConcurrency).default(rerun.defaultConcurrency).meta({
    description: 'Turns that are asked at once, at most.',
  }),
  spend_cap_micro_usd: z.int().min(0).max(rerun.maxSpendCapMicroUsd).optional().meta({
    description:
      'No turn is asked that may take it above this, as we count the tokens of its prompt; refused where the price of its model is not known.',
  }),
};

/** Which recorded sessions: those of players that play the version, begun within the time. */
export const selectionFields = {
  scenario_version: z.int().min(1).optional(),
  game_id: outsideIdField.optional(),
  from: instantField.optional().meta({ description: 'Sessions begun then or later.' }),
  to: instantField.optional().meta({ description: 'Sessions begun before that.' }),
};
