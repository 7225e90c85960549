import { z } from 'zod';
import { limits } from '../contracts/index.ts';
import { type AccessConfig, readAccess } from './access-config.ts';
import { embeddedVariables } from './config.ts';
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
import { type KafkaConfig, kafkaConnection, kafkaFields, signInMistakes } from './kafka-config.ts';
import { type ModelConfig, readEndpoints } from './model-config.ts';

/** The four processes, by the names of their folders, and the port of each where PORT says nothing; the edge has 8080. */
const DEFAULT_PORTS = { 'command-api': 8081, 'query-api': 8082, projectors: 8083, 'inference-worker': 8084 } as const;

export type ProcessName = keyof typeof DEFAULT_PORTS;

const urlOf = (what: string, protocol: RegExp) =>
  z
    .string()
    .refine((text) => protocol.test(text), `must be ${what}`)
    .optional();

const { maxPrefixChars } = limits.eventStore;
/** A word; the event store's adapter puts a colon behind it. */
const streamPrefix = z
  .string()
  .regex(new RegExp(`^[A-Za-z0-9_-]{1,${maxPrefixChars}}$`), `must be 1 to ${maxPrefixChars} of A-Z a-z 0-9 _ -`);

const environment = z.object({
  PORT: portField.optional(),
  LOG_LEVEL: logLevelField,
  ...endpointFields,
  ...accessFields,
  ...kafkaFields,
  DATABASE_URL: urlOf('a postgres:// URL', /^postgres(ql)?:\/\/\S+$/),
  EVENTSTORE_URL: urlOf('an esdb:// connection string', /^esdb(\+discover)?:\/\/\S+$/),
  REDIS_URL: urlOf('a redis:// or rediss:// URL', /^rediss?:\/\/\S+$/),
  TURNLEDGER_MASTER_KEY: masterKeyField.optional(),
  TURNLEDGER_STREAM_PREFIX: streamPrefix.default('turnledger'),
  TURNLEDGER_PLAYER_TURNS_PER_MINUTE: wholeNumber('turns', limits.admission.maxPlayerTurnsPerMinute).default(0),
  TURNLEDGER_SCRIPTED_WORD_MS: scriptedWordField,
});

type Variable = keyof typeof environment.shape;

const distributedVariables: readonly string[] = Object.keys(environment.shape);

/** Every variable that is read in either mode; the README's table has them all. */
export const configVariables: readonly string[] = [...new Set([...embeddedVariables, ...distributedVariables])];

/** What a process cannot do without. */
const ALL = ['DATABASE_URL', 'EVENTSTORE_URL', 'REDIS_URL', 'TURNLEDGER_MASTER_KEY'] as const;
const required: { readonly [name in ProcessName]: readonly Variable[] } = {
  'command-api': ALL,
  'query-api': ALL,
  projectors: [...ALL, 'KAFKA_BROKERS'],
  'inference-worker': [...ALL, 'KAFKA_BROKERS'],
};

/** What one of the four processes runs with; complete, nothing is left to a default further inside. */
export interface DistributedConfig {
  readonly access: AccessConfig;
  readonly port: number;
  readonly logLevel: string;
  readonly databaseUrl: string;
  readonly eventStoreUrl: string;
  /** Stands before the name of every stream, so that a cluster may be shared. */
  readonly streamPrefix: string;
  readonly redisUrl: string;
  readonly kafka: KafkaConfig;
  readonly topics: { readonly prefix: string; readonly partitions: number; readonly replication: number };
  readonly masterKey: Buffer;
  /** How many turns a player may ask for in a minute; 0: as many as they like. */
  readonly playerTurnsPerMinute: number;
  /** Every endpoint by its name; `default` is always among them, and first. With their keys in the worker alone. */
  readonly endpoints: ReadonlyMap<string, ModelConfig>;
  /** A key was in the worker's environment and is not used, since nothing asked for a paid model. */
  readonly hasUnusedApiKey: boolean;
}

/**
 * Reads the configuration of one of the four processes, once, at start. Throws `config_invalid` with one line for each mistake, as
 * `readEmbeddedConfig` does. A name that another of the four needs is no mistake, so that all may share one environment; keys of models are
 * asked for by the worker alone.
 */
export function readDistributedConfig(
  env: { readonly [name: string]: string | undefined },
  name: ProcessName,
): DistributedConfig {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = environment.safeParse(given);
  const needsKeys = name === 'inference-worker';
  const named = readEndpoints(given, parsed.data?.TURNLEDGER_SCRIPTED_WORD_MS ?? 0, { needsKeys });
  const allowed = readAccess(given);
  const missing = required[name].filter((variable) => given[variable] === undefined);
  const values = refuseMistakes(given, distributedVariables, parsed, [
    ...missing.map((variable) => `${variable} must be set`),
    ...named.mistakes,
    ...allowed.mistakes,
    ...signInMistakes(given),
    ...defaultEndpointMistakes(given, named.endpoints, { needsKeys }),
  ]);
  const endpoints = new Map<string, ModelConfig>([['default', defaultEndpoint(values)], ...named.endpoints]);
  const { OPENAI_API_KEY: key } = values;
  return {
    access: allowed.access,
    endpoints,
    port: values.PORT ?? DEFAULT_PORTS[name],
    logLevel: values.LOG_LEVEL,
    databaseUrl: values.DATABASE_URL ?? '',
    eventStoreUrl: values.EVENTSTORE_URL ?? '',
    streamPrefix: values.TURNLEDGER_STREAM_PREFIX,
    redisUrl: values.REDIS_URL ?? '',
    kafka: kafkaConnection(values),
    topics: {
      prefix: values.TURNLEDGER_TOPIC_PREFIX,
      partitions: values.TURNLEDGER_KAFKA_PARTITIONS,
      replication: values.TURNLEDGER_KAFKA_REPLICATION,
    },
    masterKey: values.TURNLEDGER_MASTER_KEY ?? Buffer.alloc(0),
    playerTurnsPerMinute: values.TURNLEDGER_PLAYER_TURNS_PER_MINUTE,
    hasUnusedApiKey: needsKeys && key !== undefined && !usesKey(endpoints, key),
  };
}
