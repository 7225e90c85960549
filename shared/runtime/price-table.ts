import { contentHash } from '../trust/index.ts';

/** What a model costs, in US dollars a million tokens, which is micro-dollars a token. */
export interface ModelPrice {
  readonly inputPerMillionUsd: number;
  /** Of input that the provider had in its cache; what it had not costs `inputPerMillionUsd`. */
  readonly cachedInputPerMillionUsd: number;
  readonly outputPerMillionUsd: number;
}

/** The prices of one endpoint, as its operator wrote them. */
export interface PriceTable {
  /** `operator_` and eight hex digits of its content: what a recorded cost names, so that it can be told which prices it was computed with. */
  readonly name: string;
  readonly models: ReadonlyMap<string, ModelPrice>;
}

/** Tokens that were charged: `cached` is a part of `input`, reasoning a part of `output`, as OpenAI counts. */
export interface ChargedTokens {
  readonly input: number;
  readonly cached: number;
  readonly output: number;
}

/** A table of these prices; the same prices have the same name, in whatever order they stand. */
export const priceTable = (models: { readonly [model: string]: ModelPrice }): PriceTable => ({
  name: `operator_${contentHash(models).slice(0, 8)}`,
  models: new Map(Object.entries(models)),
});

/**
 * What tokens cost, in whole micro-dollars; rounded here and nowhere else, once a call, so that sums over calls are exact. A provider that
 * reports more cached tokens than input is charged as if all of its input was cached.
 */
export function costMicroUsdOf(price: ModelPrice, { input, cached, output }: ChargedTokens): number {
  const fromCache = Math.min(cached, input);
  const { inputPerMillionUsd, cachedInputPerMillionUsd, outputPerMillionUsd } = price;
  return Math.round(
    (input - fromCache) * inputPerMillionUsd + fromCache * cachedInputPerMillionUsd + output * outputPerMillionUsd,
  );
}
