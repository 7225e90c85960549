import type { ModelConfig } from './model-config.ts';
import type { ModelPrice, PriceTable } from './price-table.ts';

/** What is known of an endpoint without asking it. */
export interface EndpointFacts {
  /** The model asked for where a scenario says `default`. */
  readonly defaultModel: string;
  /** Whatever it is asked for, it answers with its one model, and costs nothing. */
  readonly isScripted: boolean;
  /** Absent: what a call costs is not known. */
  readonly prices?: PriceTable;
}

/** The endpoints that the operator configured, by name. */
export type KnownEndpoints = ReadonlyMap<string, EndpointFacts>;

/** As a scenario or a request names a model; `default` stands for the endpoint's own. */
interface NamedModel {
  readonly name: string;
  readonly endpoint: string;
}

const SCRIPTED: EndpointFacts = { defaultModel: 'scripted', isScripted: true };
const NOTHING: ModelPrice = { inputPerMillionUsd: 0, cachedInputPerMillionUsd: 0, outputPerMillionUsd: 0 };

export const endpointFacts = (endpoints: ReadonlyMap<string, ModelConfig>): KnownEndpoints =>
  new Map([...endpoints].map(([name, config]) => [name, factsOf(config)]));

/** What a model costs; undefined where no operator has said so. */
export function priceOf(endpoints: KnownEndpoints, { name, endpoint }: NamedModel): ModelPrice | undefined {
  const facts = endpoints.get(endpoint);
  if (facts?.isScripted) return NOTHING;
  return facts?.prices?.models.get(name === 'default' ? facts.defaultModel : name);
}

function factsOf(config: ModelConfig): EndpointFacts {
  if (config.kind === 'scripted') return SCRIPTED;
  const { name: defaultModel, prices } = config;
  return { defaultModel, isScripted: false, ...(prices && { prices }) };
}
