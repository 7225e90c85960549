import { z } from 'zod';
import type { PlayerProfileUpdated } from '../../domain/index.ts';
import { limits } from '../limits.ts';
import { jsonField, localeField } from './field-schemas.ts';

const { player } = limits;

/** The body of `PUT /v1/players/{id}`: the whole profile; what is absent is no longer known, and not agreed to. */
export const putPlayerBody = z
  .strictObject({
    display_name: z.string().min(1).max(player.maxDisplayNameChars).optional(),
    locale: localeField.optional(),
    traits: z
      .record(z.string(), jsonField)
      .refine(
        (traits) => Buffer.byteLength(JSON.stringify(traits)) <= player.maxTraitsBytes,
        `are over ${player.maxTraitsBytes / 1_024} KiB`,
      )
      .optional(),
    consent: z.strictObject({ training: z.boolean().optional(), analytics: z.boolean().optional() }).optional(),
  })
  .meta({ examples: [{ display_name: 'Ada', locale: 'pt-PT', consent: { training: false, analytics: true } }] });

/** The profile in a parsed body, in our own names. */
export const toProfile = (
  body: z.infer<typeof putPlayerBody>,
): Omit<PlayerProfileUpdated<'plain'>['data'], 'profileHmac'> => ({
  ...(body.display_name !== undefined && { displayName: body.display_name }),
  ...(body.locale !== undefined && { locale: body.locale }),
  ...(body.traits && { traits: body.traits }),
  consent: { training: body.consent?.training ?? false, analytics: body.consent?.analytics ?? false },
});
