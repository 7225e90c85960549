import { z } from 'zod';
import { metadataField, outsideIdField, scenarioIdField } from './field-schemas.ts';

/** The body of `POST /v1/sessions`. */
export const startSessionBody = z.strictObject({
  scenario_id: scenarioIdField.optional(),
  scenario_version: z.int().min(1).optional(),
  player_id: outsideIdField.optional(),
  game_id: outsideIdField.optional(),
  metadata: metadataField.optional(),
});

/** The body of `POST /v1/sessions/{id}/end`. */
export const endSessionBody = z.strictObject({
  outcome: z.enum(['completed', 'won', 'lost', 'drawn', 'abandoned', 'expired']).optional(),
  score: z.number().optional(),
});
