import { z } from 'zod';
import { localeText, sealed, sha256Hex, uuid } from './fields.ts';

/** Version 1 of every event of a player stream, as stored. */
export const playerEventSchemas = {
  PlayerRegistered: z.strictObject({ externalId: sealed, keyId: uuid }),
  PlayerProfileUpdated: z.strictObject({
    displayName: sealed.optional(),
    locale: localeText.optional(),
    traits: sealed.optional(),
    consent: z.strictObject({ training: z.boolean(), analytics: z.boolean() }),
    profileHmac: sha256Hex,
  }),
} as const;
