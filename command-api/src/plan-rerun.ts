import { type RerunBody, scenarioStream, TurnledgerError } from '@turnledger/shared/contracts';
import {
  type RerunOverrides,
  type RerunRequest,
  type ScenarioState,
  scenarioVersion,
  type TurnState,
} from '@turnledger/shared/domain';
import { type KnownEndpoints, priceOf } from '@turnledger/shared/runtime';
import type { CommandPorts } from './ports.ts';
import type { RepeatableTurns } from './repeatable-turns.ts';

/** How the turns are to be asked, and what is changed about them; a model's name may still be `default`. */
export interface RerunManner extends Pick<RerunBody, 'mode' | 'reuse' | 'concurrency' | 'spend_cap_micro_usd'> {
  readonly overrides: RerunOverrides;
}

/** Everything that a re-run would do. */
export interface RerunPlan {
  readonly request: Omit<RerunRequest, 'bodyHash'>;
  readonly turns: readonly TurnState[];
  readonly scenario: ScenarioState;
}

/**
 * Settles what a re-run will do: the sources as they are now, and the model by its own name. Throws `scenario_not_found`, `model_unavailable`,
 * `price_unknown`, `store_unavailable`.
 */
export async function planRerun(
  { ledger, endpoints }: CommandPorts,
  { scenarioId, gameId, sessions }: RepeatableTurns,
  { mode, reuse, concurrency, spend_cap_micro_usd: spendCapMicroUsd, overrides: wanted }: RerunManner,
): Promise<RerunPlan> {
  const scenario = await ledger.scenarios.load(scenarioStream(scenarioId));
  const overrides = resolved(endpoints, scenario, wanted);
  const turns = sessions.flatMap((session) => session.turns);
  if (spendCapMicroUsd !== undefined) requirePrices(endpoints, modelsAsked(scenario, turns, overrides));
  return {
    scenario,
    turns,
    request: {
      scenarioId,
      mode,
      reuse,
      concurrency,
      overrides,
      turns: turns.length,
      sources: sessions.map((session) => ({ ...session, turns: session.turns.length })),
      ...(gameId !== undefined && { gameId }),
      ...(spendCapMicroUsd !== undefined && { spendCapMicroUsd }),
    },
  };
}

function resolved(endpoints: KnownEndpoints, scenario: ScenarioState, overrides: RerunOverrides): RerunOverrides {
  const { scenarioVersion: version, model } = overrides;
  if (version !== undefined && !scenarioVersion(scenario, version)) {
    const fields = [{ pointer: '/overrides/scenario_version', message: 'is no version of the scenario' }];
    throw new TurnledgerError('scenario_not_found', { fields });
  }
  return model ? { ...overrides, model: resolvedModel(endpoints, model) } : overrides;
}

function resolvedModel(endpoints: KnownEndpoints, model: NonNullable<RerunOverrides['model']>) {
  const { name, endpoint } = model;
  const facts = endpoints.get(endpoint);
  if (!facts) throw unavailable('endpoint', 'is not configured');
  if (name === 'default') return { name: facts.defaultModel, endpoint };
  // What is scripted would answer to any name, and the comparison would be filed under it.
  if (facts.isScripted && name !== facts.defaultModel) throw unavailable('name', 'is not the model of this endpoint');
  return model;
}

const unavailable = (field: 'name' | 'endpoint', message: string) =>
  new TurnledgerError('model_unavailable', { fields: [{ pointer: `/overrides/model/${field}`, message }] });

/** Every model that may be asked: any of a version, since its strategy may go down the list. */
function modelsAsked(scenario: ScenarioState, turns: readonly TurnState[], overrides: RerunOverrides) {
  if (overrides.model) return [overrides.model];
  const versions = new Set(turns.map((turn) => overrides.scenarioVersion ?? turn.scenarioVersion));
  return [...versions].flatMap((version) => scenarioVersion(scenario, version)?.models ?? []);
}

/** A cap that cannot be kept is worse than none: nobody would look. */
function requirePrices(endpoints: KnownEndpoints, models: readonly { name: string; endpoint: string }[]): void {
  const unpriced = models.find((model) => !priceOf(endpoints, model));
  if (!unpriced) return;
  const message = `needs the price of model ${unpriced.name} at endpoint ${unpriced.endpoint}`;
  throw new TurnledgerError('price_unknown', { fields: [{ pointer: '/spend_cap_micro_usd', message }] });
}
