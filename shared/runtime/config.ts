import { z } from 'zod';
import { limits } from '../contracts/index.ts';
import { type AccessConfig, readAccess } from './access-config.ts';
import {
  accessFields,
  defaultEndpoint,
  defaultEndpointMistakes,
  endpointFields,
  logLevelField,
  masterKeyField,
  portField,
  refuseMistakes,
  scriptedWordField,
  usesKey,
  wholeNumber,
} from './config-fields.ts';
import { type ModelConfig, readEndpoints } from './model-config.ts';

const environment = z.object({
  PORT: portField.default(8080),
  LOG_LEVEL: logLevelField,
  ...endpointFields,
  ...accessFields,
  DATABASE_URL: z.string().optional(),
  TURNLEDGER_DATA_DIR: z.string().default('.turnledger'),
  TURNLEDGER_DATABASE: z.enum(['embedded', 'external'], 'must be embedded or external').default('embedded'),
  TURNLEDGER_MASTER_KEY: masterKeyField.optional(),
  TURNLEDGER_PLAYER_TURNS_PER_MINUTE: wholeNumber('turns', limits.admission.maxPlayerTurnsPerMinute).default(0),
  TURNLEDGER_SCRIPTED_WORD_MS: scriptedWordField,
});

/** Every variable that embedded mode reads. */
export const embeddedVariables: readonly string[] = Object.keys(environment.shape);

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
  const parsed = environment.safeParse(given);
  const named = readEndpoints(given, parsed.data?.TURNLEDGER_SCRIPTED_WORD_MS ?? 0);
  const allowed = readAccess(given);
  const values = refuseMistakes(given, embeddedVariables, parsed, [
    ...named.mistakes,
    ...allowed.mistakes,
    ...defaultEndpointMistakes(given, named.endpoints),
    ...(given.TURNLEDGER_DATABASE === 'external' && given.DATABASE_URL === undefined
      ? ['TURNLEDGER_DATABASE is external, but DATABASE_URL is not set']
      : []),
  ]);
  const endpoints = new Map<string, ModelConfig>([['default', defaultEndpoint(values)], ...named.endpoints]);
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
