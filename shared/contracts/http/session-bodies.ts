import { z } from 'zod';
import type { SessionOutcome } from '../../domain/index.ts';
import { limits } from '../limits.ts';
import { metadataField, outsideIdField, scenarioIdField } from './field-schemas.ts';

/** How a game may say that a session ended; `completed` where it says nothing. */
export const sessionOutcomes = [
  'completed',
  'won',
  'lost',
  'drawn',
  'abandoned',
  'expired',
] as const satisfies readonly SessionOutcome[];

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
  outcome: z.enum(sessionOutcomes).optional(),
  score: z.number().optional(),
});

/** The body of `POST /v1/sessions/{id}/reconfigure`. */
export const reconfigureBody = z.strictObject({
  scenario_version: z.int().min(1),
  reason: z.string().max(limits.scenario.maxNoteChars).optional(),
});
