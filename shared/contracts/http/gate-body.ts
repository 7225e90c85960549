import { z } from 'zod';
import type { GateThresholds } from '../../domain/index.ts';
import { limits } from '../limits.ts';
import { mannerFields, selectionFields } from './rerun-fields.ts';

const { maxTurns, maxGateRatio } = limits.rerun;
const rate = z.number().min(0).max(1).optional();
const ratio = z.number().min(0).max(maxGateRatio).optional();

/** A gate's thresholds, as they are sent and shown; of those that are given all have to be met. */
export const gateThresholdsField = z.strictObject({
  min_turns: z.int().min(1).max(maxTurns).optional(),
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
    ...selectionFields,
    ...mannerFields,
  })
  .meta({
    examples: [
      { version: 2, scenario_version: 1, thresholds: { min_turns: 50, max_failed_rate: 0.02, max_cost_ratio: 1.2 } },
    ],
  });

export type GateBody = z.output<typeof gateBody>;

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
