import { z } from 'zod';
import { sealed, uuid } from './fields.ts';

/** Version 1 of every event of a player stream, as stored. */
export const playerEventSchemas = {
  PlayerRegistered: z.strictObject({ externalId: sealed, keyId: uuid }),
} as const;
