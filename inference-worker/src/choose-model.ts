import { createHash } from 'node:crypto';
import type { ModelChoice, ScenarioVersion } from '@turnledger/shared/domain';

/**
 * The model of an attempt (rule 13). `single`: the first; `fallback`: down the list, an attempt each, around again at its end; `weighted`:
 * by SHA-256 of turn and attempt over the weights, so that the draw can be made again by anyone. A model that the request names wins.
 */
export function chooseModel(scenario: ScenarioVersion, turnId: string, attempt: number, wanted?: string): ModelChoice {
  const { models, strategy } = scenario;
  const [first] = models;
  const fallback: ModelChoice = first ?? { name: 'default', endpoint: 'default', weight: 1, stop: [] };
  if (wanted !== undefined) return models.find(({ name }) => name === wanted) ?? { ...fallback, name: wanted };
  if (strategy === 'fallback') return models[(attempt - 1) % models.length] ?? fallback;
  return strategy === 'weighted' ? drawn(models, `${turnId}:${attempt}`, fallback) : fallback;
}

/**
 * Whether the attempt after this one goes to an endpoint that the turn has not asked yet: only down a `fallback` list. What the last one
 * made of the request, or asked to wait, says nothing about the next.
 */
export function isNextUntried({ models, strategy }: ScenarioVersion, attempt: number, wanted?: string): boolean {
  const next = models[attempt];
  if (strategy !== 'fallback' || wanted !== undefined || !next) return false;
  return models.slice(0, attempt).every(({ endpoint }) => endpoint !== next.endpoint);
}

/**
 * The scenario as this worker can play it: a `fallback` list without the endpoints that its operator no longer has, as long as one is left.
 * Other strategies stay as they are: a draw must come out the same everywhere.
 */
export function withinReach(scenario: ScenarioVersion, endpoints: ReadonlySet<string>): ScenarioVersion {
  if (scenario.strategy !== 'fallback') return scenario;
  const models = scenario.models.filter(({ endpoint }) => endpoints.has(endpoint));
  return models.length === 0 || models.length === scenario.models.length ? scenario : { ...scenario, models };
}

/**
 * The model that a scenario's summaries are asked of: the one that is wanted by name, as a turn would get it, else the first whose endpoint
 * this worker has, whatever the strategy. Undefined where there is none.
 */
export function firstWithinReach(
  scenario: ScenarioVersion,
  endpoints: ReadonlySet<string>,
  wanted?: string,
): ModelChoice | undefined {
  if (wanted === undefined) return scenario.models.find(({ endpoint }) => endpoints.has(endpoint));
  const choice = chooseModel(withinReach(scenario, endpoints), '', 1, wanted);
  return endpoints.has(choice.endpoint) ? choice : undefined;
}

function drawn(models: readonly ModelChoice[], seed: string, fallback: ModelChoice): ModelChoice {
  const total = models.reduce((sum, { weight }) => sum + weight, 0);
  let point = (createHash('sha256').update(seed).digest().readUInt32BE(0) / 2 ** 32) * total;
  for (const model of models) {
    point -= model.weight;
    if (point < 0) return model;
  }
  return fallback;
}
