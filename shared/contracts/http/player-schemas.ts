import { z } from 'zod';
import { instant, pairs, position, text } from './reply-fields.ts';

export const playerSchema = z
  .object({
    id: text.meta({ description: 'What the game calls them.' }),
    display_name: text,
    locale: text,
    traits: pairs.nullable(),
    consent: z.object({ training: z.boolean(), analytics: z.boolean() }),
    registered_at: instant,
    updated_at: instant.nullable(),
  })
  .meta({ id: 'Player' });

export const recordedPlayerSchema = playerSchema.extend({ log_position: position }).meta({ id: 'RecordedPlayer' });
