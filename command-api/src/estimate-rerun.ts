import type { RerunEstimate } from '@turnledger/shared/contracts';
import { type RerunOverrides, scenarioVersion, type TurnState } from '@turnledger/shared/domain';
import { costMicroUsdOf, priceOf } from '@turnledger/shared/runtime';
import type { RerunPlan } from './plan-rerun.ts';
import type { CommandPorts } from './ports.ts';
import { type RecordedUsage, recordedUsage } from './queries/recorded-usage.ts';

/**
 * What a re-run would use and cost, by what its turns have used when they were recorded. The view may be behind; a turn that it does not have,
 * or that used nothing, counts as nothing. Throws `store_unavailable`.
 */
export async function estimateRerun({ views, endpoints }: CommandPorts, plan: RerunPlan): Promise<RerunEstimate> {
  const { request, turns } = plan;
  const asked = turns.filter((turn) => !isReusable(request, turn));
  const recorded = await recordedUsage(
    views,
    asked.map(({ turnId }) => turnId),
  );
  let [inputTokens, outputTokens, costMicroUsd, isPriced] = [0, 0, 0, true];
  for (const turn of asked) {
    const known = recorded.get(turn.turnId);
    const { input = 0, output = 0 } = known?.usage ?? {};
    const model = modelAsked(plan, turn, known?.lastCall ?? undefined);
    const price = model && priceOf(endpoints, model);
    inputTokens += input;
    outputTokens += output;
    // What the provider had in its cache then, it may not have now.
    if (price) costMicroUsd += costMicroUsdOf(price, { input, cached: 0, output });
    else isPriced = false;
  }
  return {
    sessions: request.sources.length,
    turns: turns.length,
    reusableTurns: turns.length - asked.length,
    inputTokens,
    outputTokens,
    ...(isPriced && { costMicroUsd }),
  };
}

/** Whether its recorded reply may stand: it has one, and nothing that is overridden would be another request. */
function isReusable({ reuse, overrides }: RerunPlan['request'], { status, scenarioVersion: own }: TurnState): boolean {
  const { scenarioVersion: version = own, ...others } = overrides;
  return reuse && status === 'completed' && version === own && Object.keys(others).length === 0;
}

/**
 * The model that a turn would most likely be asked of: the one that was asked when it was recorded, unless the version changes; then the first of
 * a version that asks no other, or the same one where the version has it. Undefined where that does not say.
 */
function modelAsked({ request, scenario }: RerunPlan, turn: TurnState, asked: LastCall | undefined): NamedModel {
  const { overrides } = request;
  if (overrides.model) return overrides.model;
  const version = overrides.scenarioVersion ?? turn.scenarioVersion;
  const same = asked && { name: asked.model, endpoint: asked.endpoint };
  if (same && version === turn.scenarioVersion) return same;
  const { models = [], strategy } = scenarioVersion(scenario, version) ?? {};
  const [first] = models;
  if (strategy === 'single' || models.length === 1) return first;
  return models.find(({ name, endpoint }) => endpoint === same?.endpoint && name === same.name);
}

type LastCall = NonNullable<RecordedUsage['lastCall']>;
type NamedModel = RerunOverrides['model'] | undefined;
