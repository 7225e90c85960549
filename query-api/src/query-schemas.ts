import { callStatuses, limits, recordedTime, rerunStatuses, turnStatuses } from '@turnledger/shared/contracts';
import { z } from 'zod';

const { http, replay } = limits;
/** PostgreSQL takes no NUL in a text. */
const text = z
  .string()
  .min(1)
  .max(http.maxQueryValueChars)
  .refine((value) => !value.includes('\0'), 'holds a NUL character');

export const DAY_MS = 24 * 60 * 60 * 1_000;
const WRONG_TIME = 'must be a date (2026-01-31) or a time with its zone (2026-01-31T09:30:00Z)';

/** A moment as the views have it, whose order as text is that of time. A date stands for its first moment, or as an end for its last. */
const moment = (isEnd: boolean) =>
  z.union([z.iso.date(), z.iso.datetime({ offset: true })], { error: WRONG_TIME }).transform((value) => {
    const isDay = value.length === '2026-01-31'.length;
    return recordedTime(Date.parse(value) + (isDay && isEnd ? DAY_MS : 0));
  });

/** From a moment on, and before another. */
const span = { from: moment(false).optional(), to: moment(true).optional() };

const uuid = z.uuid().toLowerCase();
const limit = z.coerce.number().int().min(1).max(http.maxPageRows).default(http.defaultPageRows);

/** A query that may wait for the client's own write. */
export const positionQuery = z.strictObject({ min_position: text.optional() });

export const pageQuery = z.strictObject({ ...positionQuery.shape, cursor: text.optional(), limit });

export const sessionsQuery = z.strictObject({
  ...pageQuery.shape,
  player_id: text.optional(),
  game_id: text.optional(),
  scenario_id: text.optional(),
  status: z.enum(['open', 'ended']).optional(),
  ...span,
});

export const turnsQuery = z.strictObject({
  ...pageQuery.shape,
  status: z.enum(turnStatuses).optional(),
  /** Turns that a rewind has cut are left out unless they are asked for. */
  rewound: z.enum(['exclude', 'include']).default('exclude'),
});

export const callsQuery = z.strictObject({
  ...pageQuery.shape,
  session_id: uuid.optional(),
  game_id: text.optional(),
  scenario_id: text.optional(),
  model: text.optional(),
  status: z.enum(callStatuses).optional(),
  ...span,
});

export const rerunsQuery = z.strictObject({
  ...pageQuery.shape,
  scenario_id: text.optional(),
  game_id: text.optional(),
  status: z.enum(rerunStatuses).optional(),
  ...span,
});

export const rerunTurnsQuery = z.strictObject({
  ...pageQuery.shape,
  /** Only turns whose new ending is not the recorded one. */
  diverged: z.literal('only').optional(),
});

export const usageQuery = z.strictObject({
  ...positionQuery.shape,
  /** Days, both included. */
  from: z.iso.date().optional(),
  to: z.iso.date().optional(),
  by: z.enum(['day', 'game', 'scenario', 'model']).default('day'),
  game_id: text.optional(),
  scenario_id: text.optional(),
});

export const streamQuery = z.strictObject({ after: z.coerce.number().int().min(0).optional() });

/** Of a whole session: from now on, or from its beginning. */
export const spectateQuery = z.strictObject({ ...streamQuery.shape, from: z.literal('start').optional() });

export const replayQuery = z.strictObject({
  ...positionQuery.shape,
  at_turn: uuid.optional(),
  /** Of a stream: times the recorded pace. */
  speed: z
    .union([z.literal('max'), z.coerce.number().min(replay.minSpeed).max(replay.maxSpeed)], {
      error: `must be ${replay.minSpeed} to ${replay.maxSpeed}, or max`,
    })
    .default(1),
});
