import { z } from 'zod';
import type { GateThresholds, RerunMode, RerunOverrides } from '../../domain/index.ts';
import { limits } from '../limits.ts';
import {
  endpointField,
  maxTokensField,
  modelNameField,
  outsideIdField,
  scenarioIdField,
  temperatureField,
  topPField,
  uuidField,
} from './field-schemas.ts';

export const rerunModes = ['teacher_forced', 'free_running'] as const satisfies readonly RerunMode[];

const { rerun } = limits;
/** In UTC with milliseconds, as it is recorded: the order of such texts is that of time. */
const instantField = z.iso
  .datetime({ offset: true, error: 'must be a time with its zone, as in 2026-01-31T09:30:00Z' })
  .transform((value) => new Date(value).toISOString());

/** How any re-run is made. */
const manner = {
  mode: z.enum(rerunModes).default('teacher_forced').meta({
    description:
      'Each recorded turn is asked again after its recorded history, or the new answers carry on; then without summaries of what the window leaves behind.',
  }),
  reuse: z.boolean().default(true).meta({
    description:
      'Whether a recorded reply stands, at no cost, where the request that is made again is the recorded one.',
  }),
  concurrency: z.int().min(1).max(rerun.maxConcurrency).default(rerun.defaultConcurrency).meta({
    description: 'Turns that are asked at once, at most.',
  }),
  spend_cap_micro_usd: z.int().min(0).max(rerun.maxSpendCapMicroUsd).optional().meta({
    description:
      'No turn is asked that may take it above this, as we count the tokens of its prompt; refused where the price of its model is not known.',
  }),
};

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

/** Which recorded sessions: those of players that play the version, begun within the time. */
const selection = {
  scenario_version: z.int().min(1).optional(),
  game_id: outsideIdField.optional(),
  from: instantField.optional().meta({ description: 'Sessions begun then or later.' }),
  to: instantField.optional().meta({ description: 'Sessions begun before that.' }),
};

/** The body of `POST /v1/sessions/{id}/reruns`. */
export const rerunSessionBody = z
  .strictObject({
    through_turn_id: uuidField
      .optional()
      .meta({ description: 'The last turn to ask again; absent: the newest that has ended.' }),
    overrides: overridesField,
    ...manner,
    dry_run: dryRun,
  })
  .meta({ examples: [{ overrides: { model: { name: 'default', endpoint: 'candidate' } }, dry_run: true }] });

/** The body of `POST /v1/reruns`. */
export const rerunBody = z
  .strictObject({ scenario_id: scenarioIdField, ...selection, overrides: overridesField, ...manner, dry_run: dryRun })
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

const rate = z.number().min(0).max(1).optional();
const ratio = z.number().min(0).max(rerun.maxGateRatio).optional();

/** A gate's thresholds, as they are sent and shown; of those that are given all have to be met. */
export const gateThresholdsField = z.strictObject({
  min_turns: z.int().min(1).max(rerun.maxTurns).optional(),
  max_failed_rate: rate,
  max_diverged_rate: rate,
  max_illegal_move_rate: rate,
  min_similarity: rate,
  max_cost_ratio: ratio,
  max_latency_ratio: ratio,
});

/** The body of `POST /v1/scenarios/{id}/gate`. */
export const gateBody = z
  .strictObject({
    version: z
      .int()
      .min(1)
      .meta({ description: 'The version to hold back, and to promote once the thresholds are met.' }),
    thresholds: gateThresholdsField.refine((given) => Object.keys(given).length > 0, 'needs one threshold at least'),
    ...selection,
    ...manner,
  })
  .meta({
    examples: [
      { version: 2, scenario_version: 1, thresholds: { min_turns: 50, max_failed_rate: 0.02, max_cost_ratio: 1.2 } },
    ],
  });

export type RerunSessionBody = z.output<typeof rerunSessionBody>;
export type RerunBody = z.output<typeof rerunBody>;
export type GateBody = z.output<typeof gateBody>;

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

/** Each threshold by its name in the domain. */
export const gateThresholdFields = {
  minTurns: 'min_turns',
  maxFailedRate: 'max_failed_rate',
  maxDivergedRate: 'max_diverged_rate',
  maxIllegalMoveRate: 'max_illegal_move_rate',
  minSimilarity: 'min_similarity',
  maxCostRatio: 'max_cost_ratio',
  maxLatencyRatio: 'max_latency_ratio',
} as const satisfies { readonly [name in keyof GateThresholds]-?: keyof GateBody['thresholds'] };

/** The thresholds of a request, as they are recorded. */
export function toGateThresholds(given: GateBody['thresholds']): GateThresholds {
  const names = Object.keys(gateThresholdFields) as (keyof GateThresholds)[];
  return Object.fromEntries(
    names.flatMap((name) => {
      const limit = given[gateThresholdFields[name]];
      return limit === undefined ? [] : [[name, limit]];
    }),
  );
}
