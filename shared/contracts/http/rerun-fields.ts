import { z } from 'zod';
import type { RerunMode } from '../../domain/index.ts';
import { limits } from '../limits.ts';
import { outsideIdField } from './field-schemas.ts';

export const rerunModes = ['teacher_forced', 'free_running'] as const satisfies readonly RerunMode[];

const { rerun } = limits;

/** Between these the order of such texts is that of time: a year of more digits has a sign before it. */
const FIRST_MS = Date.parse('0000-01-01T00:00:00.000Z');
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** In UTC with milliseconds, as it is recorded: the order of such texts is that of time. */
const instantField = z.iso
  .datetime({ offset: true, error: 'must be a time with its zone, as in 2026-01-31T09:30:00Z' })
  .transform((value) => new Date(Math.min(Math.max(Date.parse(value), FIRST_MS), LAST_MS)).toISOString());

/** How any re-run is made. */
export const mannerFields = {
  mode: z.enum(rerunModes).default('teacher_forced').meta({
    description:
      'Each recorded turn is asked again after its recorded history, or the new answers carry on; then without summaries of what the window leaves behind.',
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
