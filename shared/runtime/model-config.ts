import { z } from 'zod';
import { limits } from '../contracts/index.ts';
import { type PriceTable, priceTable } from './price-table.ts';

/** Which model answers at an endpoint. `scripted` costs nothing and asks nobody. */
export type ModelConfig =
  | { readonly kind: 'scripted'; readonly wordDelayMs: number }
  | {
      readonly kind: 'openai';
      readonly baseUrl: string;
      readonly apiKey?: string;
      /** The model asked for where a scenario says `default`. */
      readonly name: string;
      /** It takes a JSON schema for its answers (`response_format`); absent: it is not known to. */
      readonly structuredOutput?: true;
      /** Absent: what a call costs is not known. */
      readonly prices?: PriceTable;
    };

/** The variables as they were given, whether they are right or not. */
export type GivenEnvironment = { readonly [name: string]: string | undefined };

const VARIABLE = 'TURNLEDGER_ENDPOINTS';

const usd = z.number('must be US dollars').min(0).max(limits.model.maxPricePerMillionUsd);
const price = z.strictObject({
  input_per_million_usd: usd,
  cached_input_per_million_usd: usd.optional(),
  output_per_million_usd: usd,
});
const modelName = z.string().min(1).max(limits.worker.maxProviderTextChars);
/** Never a key itself: this JSON is printed by tools that show a service's settings, while variables of keys are known to be secret. */
const variableName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, 'must be the name of a variable, not a key');

const openAiEndpoint = z.strictObject({
  kind: z.literal('openai').optional(),
  base_url: z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }),
  api_key_env: variableName.optional(),
  model: modelName,
  structured_output: z.boolean('must be true or false').optional(),
  prices: z.record(modelName, price).optional(),
});
const scriptedEndpoint = z.strictObject({
  kind: z.literal('scripted'),
  word_ms: z.int('must be milliseconds').min(0).max(limits.model.maxScriptedWordMs).optional(),
});

type Endpoint = z.infer<typeof openAiEndpoint> | z.infer<typeof scriptedEndpoint>;

export interface ReadEndpoints {
  readonly endpoints: ReadonlyMap<string, ModelConfig>;
  /** One line for each thing that is wrong; none of them repeats a value. */
  readonly mistakes: readonly string[];
}

const isScripted = (entry: unknown): boolean =>
  typeof entry === 'object' && entry !== null && 'kind' in entry && entry.kind === 'scripted';

/**
 * The endpoints that TURNLEDGER_ENDPOINTS names, at most limits.model.maxEndpoints, their keys taken from the variables that it names.
 * Whatever is wrong becomes a line; an endpoint with a mistake is left out. A process that calls no model needs no keys.
 */
export function readEndpoints(
  given: GivenEnvironment,
  defaultWordMs: number,
  { needsKeys = true }: { readonly needsKeys?: boolean } = {},
): ReadEndpoints {
  const text = given[VARIABLE];
  if (text === undefined) return { endpoints: new Map(), mistakes: [] };
  const entries = entriesOf(text);
  if (!entries) return { endpoints: new Map(), mistakes: [`${VARIABLE} must be a JSON object of endpoints by name`] };
  const endpoints = new Map<string, ModelConfig>();
  const mistakes: string[] = [];
  if (entries.length > limits.model.maxEndpoints)
    mistakes.push(`${VARIABLE} names more than ${limits.model.maxEndpoints} endpoints`);
  for (const [name, entry] of entries.slice(0, limits.model.maxEndpoints)) {
    if (!/^[a-z][a-z0-9_]{0,63}$/.test(name)) {
      mistakes.push(`${VARIABLE} has a name that is not 1 to 64 of a-z 0-9 _ beginning with a letter`);
      continue;
    }
    const parsed = (isScripted(entry) ? scriptedEndpoint : openAiEndpoint).safeParse(entry);
    const wrong = parsed.success
      ? missingKey(name, parsed.data, needsKeys ? given : undefined)
      : parsed.error.issues.map((issue) => `${VARIABLE} ${[name, ...issue.path].join('.')} ${issue.message}`);
    if (parsed.success && wrong.length === 0) endpoints.set(name, toModel(parsed.data, given, defaultWordMs));
    mistakes.push(...wrong);
  }
  return { endpoints, mistakes };
}

function entriesOf(text: string): readonly (readonly [string, unknown])[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : undefined;
  } catch {
    return undefined;
  }
}

/** A key that is asked for and not there would be a refusal of each turn; better one of the start. */
function missingKey(name: string, endpoint: Endpoint, given: GivenEnvironment | undefined): readonly string[] {
  const variable = endpoint.kind === 'scripted' ? undefined : endpoint.api_key_env;
  if (variable === undefined || !given || given[variable] !== undefined) return [];
  // Not the name either: somebody may have put the key itself there.
  return [`${VARIABLE} ${name}.api_key_env names a variable that is not set`];
}

function toModel(endpoint: Endpoint, given: GivenEnvironment, defaultWordMs: number): ModelConfig {
  if (endpoint.kind === 'scripted') return { kind: 'scripted', wordDelayMs: endpoint.word_ms ?? defaultWordMs };
  const { base_url: baseUrl, model: name, api_key_env: variable, prices } = endpoint;
  const apiKey = variable === undefined ? undefined : given[variable];
  return {
    kind: 'openai',
    baseUrl,
    name,
    ...(endpoint.structured_output === true && { structuredOutput: true }),
    ...(apiKey !== undefined && { apiKey }),
    ...(prices && { prices: tableOf(prices) }),
  };
}

const tableOf = (prices: { readonly [model: string]: z.infer<typeof price> }): PriceTable =>
  priceTable(
    Object.fromEntries(
      Object.entries(prices).map(([model, one]) => [
        model,
        {
          inputPerMillionUsd: one.input_per_million_usd,
          cachedInputPerMillionUsd: one.cached_input_per_million_usd ?? one.input_per_million_usd,
          outputPerMillionUsd: one.output_per_million_usd,
        },
      ]),
    ),
  );
