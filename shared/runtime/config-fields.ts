import { z } from 'zod';
import { limits, TurnledgerError } from '../contracts/index.ts';
import type { GivenEnvironment, ModelConfig } from './model-config.ts';

const OPENAI_URL = 'https://api.openai.com/v1';
/** The model asked for at an endpoint when nobody names one. */
const DEFAULT_MODEL = 'gpt-4o-mini';

const MAX_PORT = 65_535;
const { maxProviderTextChars } = limits.worker;

/** A number of a variable; one message for all that can be wrong with it, so that a mistake is one line. */
export const wholeNumber = (what: string, max: number, min = 0) =>
  z
    .string()
    .refine(
      (text) => /^\d{1,9}$/.test(text.trim()) && Number(text) >= min && Number(text) <= max,
      `must be ${what} from ${min} to ${max}`,
    )
    .transform(Number);

const levels = ['debug', 'info', 'warn', 'error', 'silent'] as const;

export const portField = wholeNumber('a port number', MAX_PORT);
export const logLevelField = z.enum(levels, `must be one of ${levels.join(', ')}`).default('warn');
export const masterKeyField = z
  .base64('must be 32 bytes in base64')
  .transform((text) => Buffer.from(text, 'base64'))
  .refine((bytes) => bytes.length === 32, 'must be 32 bytes in base64');

/** Who may call, and where: `readAccess` judges them. */
export const accessFields = {
  TURNLEDGER_JWT_SECRET: z.string().optional(),
  TURNLEDGER_HOST: z.string().optional(),
  TURNLEDGER_ALLOWED_HOSTS: z.string().optional(),
};

/** Which models answer; `readEndpoints` judges the endpoints by name. */
export const endpointFields = {
  OPENAI_API_KEY: z.string().optional(),
  OPENAI_BASE_URL: z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }).optional(),
  TURNLEDGER_MODEL: z
    .string()
    .max(maxProviderTextChars, `must have at most ${maxProviderTextChars} characters`)
    .optional(),
  TURNLEDGER_ENDPOINTS: z.string().optional(),
};

export const scriptedWordField = wholeNumber('milliseconds', limits.model.maxScriptedWordMs).default(15);

type EndpointValues = z.infer<z.ZodObject<typeof endpointFields>> & { readonly TURNLEDGER_SCRIPTED_WORD_MS: number };

const usesEndpoint = ({
  OPENAI_BASE_URL,
  TURNLEDGER_MODEL,
}: Pick<EndpointValues, 'OPENAI_BASE_URL' | 'TURNLEDGER_MODEL'> | GivenEnvironment): boolean =>
  TURNLEDGER_MODEL === undefined ? OPENAI_BASE_URL !== undefined : TURNLEDGER_MODEL !== 'scripted';

/** What is wrong with the endpoint `default`; from the text alone, so that it is told beside a value that is wrong. */
export function defaultEndpointMistakes(
  given: GivenEnvironment,
  named: ReadonlyMap<string, ModelConfig>,
  { needsKeys = true }: { readonly needsKeys?: boolean } = {},
): readonly string[] {
  const mistakes: string[] = [];
  if (named.has('default') && (given.OPENAI_BASE_URL !== undefined || given.TURNLEDGER_MODEL !== undefined)) {
    mistakes.push('TURNLEDGER_ENDPOINTS names default, which OPENAI_BASE_URL or TURNLEDGER_MODEL says already');
  }
  const needsKey = needsKeys && usesEndpoint(given) && given.OPENAI_BASE_URL === undefined;
  if (needsKey && given.OPENAI_API_KEY === undefined) {
    mistakes.push(
      'TURNLEDGER_MODEL asks OpenAI for a model, but OPENAI_API_KEY is not set (or set OPENAI_BASE_URL to your own endpoint)',
    );
  }
  return mistakes;
}

/** What answers where nobody names an endpoint: `scripted` unless a variable asks for more than a key. */
export function defaultEndpoint(values: EndpointValues): ModelConfig {
  if (!usesEndpoint(values)) return { kind: 'scripted', wordDelayMs: values.TURNLEDGER_SCRIPTED_WORD_MS };
  return {
    kind: 'openai',
    baseUrl: values.OPENAI_BASE_URL ?? OPENAI_URL,
    name: values.TURNLEDGER_MODEL ?? DEFAULT_MODEL,
    ...(values.OPENAI_API_KEY !== undefined && { apiKey: values.OPENAI_API_KEY }),
  };
}

export const usesKey = (endpoints: ReadonlyMap<string, ModelConfig>, key: string): boolean =>
  [...endpoints.values()].some((one) => one.kind === 'openai' && one.apiKey === key);

/** A name from outside, of a variable or a model, may have line breaks. */
/** What the command `turnledger` is told; a shell that has them starts a service as well. */
const commandLineVariables = ['TURNLEDGER_URL', 'TURNLEDGER_TOKEN'];

const inOneLine = (text: string): string => text.replaceAll(/[\r\n]+/g, ' ');

/**
 * What was read, if nothing is wrong with it. Throws `config_invalid` with one line for each mistake: `TURNLEDGER_*` names that do not
 * exist (a typo must not be a default), values of the wrong shape, and the `further` ones.
 */
export function refuseMistakes<Values>(
  given: GivenEnvironment,
  known: readonly string[],
  parsed: z.ZodSafeParseResult<Values>,
  further: readonly string[],
): Values {
  const names = [...known, ...commandLineVariables];
  const unknown = Object.keys(given).filter((name) => name.startsWith('TURNLEDGER_') && !names.includes(name));
  const mistakes = [
    ...unknown.map((name) => `${name} is not a name Turnledger knows`),
    ...(parsed.success ? [] : parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`)),
    ...further,
  ];
  if (!parsed.success || mistakes.length > 0)
    throw new TurnledgerError('config_invalid', { detail: mistakes.map(inOneLine).join('\n') });
  return parsed.data;
}
