import { limits } from '@turnledger/shared/contracts';
import { z } from 'zod';

const { http } = limits;
/** PostgreSQL takes no NUL in a text. */
const text = z
  .string()
  .min(1)
  .max(256)
  .refine((value) => !value.includes('\0'), 'holds a NUL character');

/** A query that may wait for the client's own write. */
export const positionQuery = z.strictObject({ min_position: text.optional() });

const limit = z.coerce.number().int().min(1).max(http.maxPageRows).default(http.defaultPageRows);

export const pageQuery = z.strictObject({ min_position: text.optional(), cursor: text.optional(), limit });

export const sessionsQuery = z.strictObject({
  ...pageQuery.shape,
  player_id: text.optional(),
  game_id: text.optional(),
  scenario_id: text.optional(),
  status: z.enum(['open', 'ended']).optional(),
});

export const streamQuery = z.strictObject({ after: z.coerce.number().int().min(0).optional() });

export const replayQuery = z.strictObject({
  min_position: text.optional(),
  at_turn: z.uuid().toLowerCase().optional(),
});
