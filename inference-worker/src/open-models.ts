import { createOpenAiModel } from '@turnledger/shared/adapters/openai';
import { createScriptedModel } from '@turnledger/shared/adapters/scripted';
import type { Model } from '@turnledger/shared/ports';
import type { ModelConfig, PriceTable } from '@turnledger/shared/runtime';

type Endpoints = ReadonlyMap<string, ModelConfig>;

/** What answers at each endpoint, by its name; nobody is asked yet. */
export const openModels = (endpoints: Endpoints): ReadonlyMap<string, Model> =>
  new Map([...endpoints].map(([name, one]) => [name, openModel(one)]));

/** What the models of an endpoint cost, where its operator has said so. */
export const pricesOf = (endpoints: Endpoints): ReadonlyMap<string, PriceTable> =>
  new Map([...endpoints].flatMap(([name, one]) => (one.kind === 'openai' && one.prices ? [[name, one.prices]] : [])));

function openModel(config: ModelConfig): Model {
  if (config.kind === 'scripted') return createScriptedModel({ wordDelayMs: config.wordDelayMs });
  const { baseUrl, name, apiKey, structuredOutput = false } = config;
  return createOpenAiModel({ baseUrl, defaultModel: name, structuredOutput, ...(apiKey !== undefined && { apiKey }) });
}
