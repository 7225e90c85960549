import { z } from 'zod';
import type { RerunOverrides } from '../../domain/index.ts';
import {
  endpointField,
  maxTokensField,
  modelNameField,
  scenarioIdField,
  temperatureField,
  topPField,
  uuidField,
} from './field-schemas.ts';
import { mannerFields, selectionFields } from './rerun-fields.ts';

const modelField = z.strictObject({
  name: modelNameField.default('default'),
  endpoint: endpointField.default('default'),
});

const overridesField = z
  .strictObject({
    scenario_version: z.int().min(1).optional(),
    model: modelField.optional().meta({ description: 'Asked of this model alone; it is never replaced by another.' }),
    temperature: temperatureField.optional(),
    top_p: topPField.optional(),
    max_tokens: maxTokensField.optional(),
  })
  .default({})
  .meta({ description: 'What is absent stays as it was recorded.' });

const dryRun = z.boolean().default(false).meta({ description: 'Answer with an estimate and record nothing.' });

/** The body of `POST /v1/sessions/{id}/reruns`. */
export const rerunSessionBody = z
  .strictObject({
    through_turn_id: uuidField
      .optional()
      .meta({ description: 'The last turn to ask again; absent: the newest that has ended.' }),
    overrides: overridesField,
    ...mannerFields,
    dry_run: dryRun,
  })
  .meta({ examples: [{ overrides: { model: { name: 'default', endpoint: 'candidate' } }, dry_run: true }] });

/** The body of `POST /v1/reruns`. */
export const rerunBody = z
  .strictObject({
    scenario_id: scenarioIdField,
    ...selectionFields,
    overrides: overridesField,
    ...mannerFields,
    dry_run: dryRun,
  })
  .meta({
    examples: [
      {
        scenario_id: 'lisbon-ledger.marta',
        scenario_version: 1,
        from: '2026-11-20T00:00:00Z',
        to: '2026-11-27T00:00:00Z',
        overrides: { scenario_version: 2 },
        spend_cap_micro_usd: 5_000_000,
      },
    ],
  });

export type RerunSessionBody = z.output<typeof rerunSessionBody>;
export type RerunBody = z.output<typeof rerunBody>;

/** The overrides of a request, as they are recorded; the model's name may still be `default`. */
export const toRerunOverrides = ({
  scenario_version: scenarioVersion,
  model,
  temperature,
  top_p: topP,
  max_tokens: maxTokens,
}: RerunBody['overrides']): RerunOverrides => ({
  ...(scenarioVersion !== undefined && { scenarioVersion }),
  ...(model !== undefined && { model }),
  ...(temperature !== undefined && { temperature }),
  ...(topP !== undefined && { topP }),
  ...(maxTokens !== undefined && { maxTokens }),
});
