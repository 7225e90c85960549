import { z } from 'zod';
import type { SessionOutcome } from '../../domain/index.ts';
import { limits } from '../limits.ts';
import { metadataField, outsideIdField, scenarioIdField, uuidField } from './field-schemas.ts';

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

const reason = z.string().max(limits.scenario.maxNoteChars);

/** The body of `POST /v1/sessions/{id}/bookmarks`. */
export const bookmarkBody = z
  .strictObject({
    turn_id: uuidField.optional().meta({ description: 'Absent: the newest turn that has ended.' }),
    label: z.string().min(1).max(limits.session.maxLabelChars).optional(),
  })
  .meta({ examples: [{ label: 'before the accusation' }] });

/** The body of `POST /v1/sessions/{id}/fork`. */
export const forkBody = z
  .strictObject({
    at_turn_id: uuidField
      .optional()
      .meta({ description: 'The last turn to share; absent: the newest that has ended.' }),
    at_bookmark: z.string().max(limits.session.maxBookmarkChars).optional(),
    scenario_version: z
      .int()
      .min(1)
      .optional()
      .meta({ description: 'What the fork plays; absent: the version that the session plays now.' }),
    metadata: metadataField.optional(),
  })
  .refine((body) => body.at_turn_id === undefined || body.at_bookmark === undefined, {
    error: 'stands beside at_bookmark: one of the two will do',
    path: ['at_turn_id'],
  })
  .meta({ examples: [{ at_bookmark: 'AZAAAAAAcACAAAAAAAAAAQGQAAAAAHAAgAAAAAAAAAI' }] });

/** The body of `POST /v1/sessions/{id}/rewind`. */
export const rewindBody = z
  .strictObject({
    to_turn_id: uuidField.nullable().optional().meta({ description: 'The last turn to keep; null: none of them.' }),
    to_bookmark: z.string().max(limits.session.maxBookmarkChars).optional(),
    reason: reason.optional(),
  })
  .refine((body) => (body.to_turn_id === undefined) !== (body.to_bookmark === undefined), {
    error: 'needs to_turn_id or to_bookmark, one of the two',
    path: ['to_turn_id'],
  })
  .meta({
    examples: [{ to_bookmark: 'AZAAAAAAcACAAAAAAAAAAQGQAAAAAHAAgAAAAAAAAAI', reason: 'an old save was loaded' }],
  });
