import { z } from 'zod';
import { limits, TurnledgerError } from '../contracts/index.ts';
import { type AccessConfig, readAccess } from './access-config.ts';
import { type GivenEnvironment, type ModelConfig, readEndpoints } from './model-config.ts';

const OPENAI_URL = 'https://api.openai.com/v1';
/** The model asked for at an endpoint when nobody names one. */
const DEFAULT_MODEL = 'gpt-4o-mini';

const MAX_PORT = 65_535;
const { maxProviderTextChars } = limits.worker;

/** One message for all that can be wrong with a number, so that a mistake is one line. */
const wholeNumber = (what: string, max: number) =>
  z
    .string()
    .refine((text) => /^\d{1,9}$/.test(text.trim()) && Number(text) <= max, `must be ${what} from 0 to ${max}`)
    .transform(Number);

const levels = ['debug', 'info', 'warn', 'error', 'silent'] as const;
const httpUrl = z.url({ protocol: /^https?$/, error: 'must be an http or https URL' });
const masterKey = z
  .base64('must be 32 bytes in base64')
  .transform((text) => Buffer.from(text, 'base64'))
  .refine((bytes) => bytes.length === 32, 'must be 32 bytes in base64');

const environment = z.object({
  PORT: wholeNumber('a port number', MAX_PORT).default(8080),
  LOG_LEVEL: z.enum(levels, `must be one of ${levels.join(', ')}`).default('warn'),
  OPENAI_API_KEY: z.string().optional(),
  OPENAI_BASE_URL: httpUrl.optional(),
  DATABASE_URL: z.string().optional(),
  TURNLEDGER_MODEL: z
    .string()
    .max(maxProviderTextChars, `must have at most ${maxProviderTextChars} characters`)
    .optional(),
  TURNLEDGER_DATA_DIR: z.string().default('.turnledger'),
  TURNLEDGER_ENDPOINTS: z.string().optional(),
  TURNLEDGER_JWT_SECRET: z.string().optional(),
  TURNLEDGER_HOST: z.string().optional(),
  TURNLEDGER_ALLOWED_HOSTS: z.string().optional(),
  TURNLEDGER_DATABASE: z.enum(['embedded', 'external'], 'must be embedded or external').default('embedded'),
  TURNLEDGER_MASTER_KEY: masterKey.optional(),
  TURNLEDGER_PLAYER_TURNS_PER_MINUTE: wholeNumber('turns', limits.admission.maxPlayerTurnsPerMinute).default(0),
  TURNLEDGER_SCRIPTED_WORD_MS: wholeNumber('milliseconds', limits.model.maxScriptedWordMs).default(15),
});

/** Every variable that is read; the README's table has them all. */
export const configVariables: readonly string[] = Object.keys(environment.shape);

/** What embedded mode runs with; complete, nothing is left to a default further inside. */
export interface EmbeddedConfig {
  readonly access: AccessConfig;
  readonly port: number;
  readonly logLevel: string;
  readonly dataDir: string;
  /** A database of the operator's own; undefined: the one that comes with us. */
  readonly databaseUrl: string | undefined;
  /** Undefined: the one in the data folder, made at the first start. */
  readonly masterKey: Buffer | undefined;
  /** How many turns a player may ask for in a minute; 0: as many as they like. */
  readonly playerTurnsPerMinute: number;
  /** Every endpoint by its name; `default` is always among them, and first. */
  readonly endpoints: ReadonlyMap<string, ModelConfig>;
  /** A key was in the environment and is not used, since nothing asked for a paid model. */
  readonly hasUnusedApiKey: boolean;
}

/**
 * Reads the configuration, once, at start. Throws `config_invalid` with one line for each mistake: bad values, and `TURNLEDGER_*` names
 * that do not exist (a typo must not be a default). An empty value counts as absent.
 *
 * A key in somebody's shell must not spend money: the scripted model answers at `default` unless OPENAI_BASE_URL, TURNLEDGER_MODEL or
 * TURNLEDGER_ENDPOINTS says otherwise.
 */
export function readEmbeddedConfig(env: { readonly [name: string]: string | undefined }): EmbeddedConfig {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const unknown = Object.keys(given).filter((name) => name.startsWith('TURNLEDGER_') && !(name in environment.shape));
  const parsed = environment.safeParse(given);
  const named = readEndpoints(given, parsed.data?.TURNLEDGER_SCRIPTED_WORD_MS ?? 0);
  const allowed = readAccess(given);
  const mistakes = [
    ...unknown.map((name) => `${name} is not a name Turnledger knows`),
    ...(parsed.success ? [] : parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`)),
    ...named.mistakes,
    ...allowed.mistakes,
    ...contradictionsIn(given, named.endpoints),
  ];
  const values = parsed.data;
  if (!values || mistakes.length > 0)
    throw new TurnledgerError('config_invalid', { detail: mistakes.map(inOneLine).join('\n') });
  const endpoints = new Map<string, ModelConfig>([['default', modelOf(values)], ...named.endpoints]);
  return {
    access: allowed.access,
    endpoints,
    port: values.PORT,
    logLevel: values.LOG_LEVEL,
    dataDir: values.TURNLEDGER_DATA_DIR,
    databaseUrl: values.TURNLEDGER_DATABASE === 'external' ? values.DATABASE_URL : undefined,
    masterKey: values.TURNLEDGER_MASTER_KEY,
    playerTurnsPerMinute: values.TURNLEDGER_PLAYER_TURNS_PER_MINUTE,
    hasUnusedApiKey: values.OPENAI_API_KEY !== undefined && !usesKey(endpoints, values.OPENAI_API_KEY),
  };
}

/** A name from outside, of a variable or a model, may have line breaks. */
const inOneLine = (text: string): string => text.replaceAll(/[\r\n]+/g, ' ');

type Values = z.infer<typeof environment>;

const usesEndpoint = ({
  OPENAI_BASE_URL,
  TURNLEDGER_MODEL,
}: Pick<Values, 'OPENAI_BASE_URL' | 'TURNLEDGER_MODEL'> | GivenEnvironment): boolean =>
  TURNLEDGER_MODEL === undefined ? OPENAI_BASE_URL !== undefined : TURNLEDGER_MODEL !== 'scripted';

/** Looks at the text alone, so that a contradiction is told beside a value that is wrong. */
function contradictionsIn(given: GivenEnvironment, named: ReadonlyMap<string, ModelConfig>): readonly string[] {
  const mistakes: string[] = [];
  if (named.has('default') && (given.OPENAI_BASE_URL !== undefined || given.TURNLEDGER_MODEL !== undefined)) {
    mistakes.push('TURNLEDGER_ENDPOINTS names default, which OPENAI_BASE_URL or TURNLEDGER_MODEL says already');
  }
  if (given.TURNLEDGER_DATABASE === 'external' && given.DATABASE_URL === undefined) {
    mistakes.push('TURNLEDGER_DATABASE is external, but DATABASE_URL is not set');
  }
  if (usesEndpoint(given) && given.OPENAI_BASE_URL === undefined && given.OPENAI_API_KEY === undefined) {
    mistakes.push(
      'TURNLEDGER_MODEL asks OpenAI for a model, but OPENAI_API_KEY is not set (or set OPENAI_BASE_URL to your own endpoint)',
    );
  }
  return mistakes;
}

const usesKey = (endpoints: ReadonlyMap<string, ModelConfig>, key: string): boolean =>
  [...endpoints.values()].some((one) => one.kind === 'openai' && one.apiKey === key);

function modelOf(values: Values): ModelConfig {
  if (!usesEndpoint(values)) return { kind: 'scripted', wordDelayMs: values.TURNLEDGER_SCRIPTED_WORD_MS };
  return {
    kind: 'openai',
    baseUrl: values.OPENAI_BASE_URL ?? OPENAI_URL,
    name: values.TURNLEDGER_MODEL ?? DEFAULT_MODEL,
    ...(values.OPENAI_API_KEY !== undefined && { apiKey: values.OPENAI_API_KEY }),
  };
}
