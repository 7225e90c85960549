import { z } from 'zod';
import { limits } from '../limits.ts';
import { metadataField, outsideIdField, scenarioIdField } from './field-schemas.ts';

/** The body of `POST /v1/sessions`. */
export const startSessionBody = z
  .strictObject({
    scenario_id: scenarioIdField.optional(),
    scenario_version: z.int().min(1).optional(),
    player_id: outsideIdField.optional(),
    game_id: outsideIdField.optional(),
    metadata: metadataField.optional(),
  })
  .meta({ examples: [{ scenario_id: 'lisbon-ledger.marta', player_id: 'player-7' }] });

/** The body of `POST /v1/sessions/{id}/end`. */
export const endSessionBody = z.strictObject({
  outcome: z.enum(['completed', 'won', 'lost', 'drawn', 'abandoned', 'expired']).optional(),
  score: z.number().optional(),
});

/** The body of `POST /v1/sessions/{id}/reconfigure`. */
export const reconfigureBody = z.strictObject({
  scenario_version: z.int().min(1),
  reason: z.string().max(limits.scenario.maxNoteChars).optional(),
});
