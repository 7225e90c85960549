import type { ScenarioGate } from '../../domain/index.ts';
import { gateThresholdFields } from './gate-body.ts';

/** Every threshold that was given, and those that were not met. */
export const gateDocument = ({ version, rerunId, thresholds, outcome, missed }: ScenarioGate) => ({
  version,
  rerun_id: rerunId,
  thresholds: Object.fromEntries(
    Object.entries(gateThresholdFields).flatMap(([name, field]) => {
      const limit = thresholds[name as keyof typeof gateThresholdFields];
      return limit === undefined ? [] : [[field, limit]];
    }),
  ),
  outcome: outcome ?? null,
  missed: missed.map(({ threshold, limit, measured }) => ({
    threshold: gateThresholdFields[threshold],
    limit,
    measured: measured ?? null,
  })),
});
