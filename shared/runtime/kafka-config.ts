import { z } from 'zod';
import { limits } from '../contracts/index.ts';
import { wholeNumber } from './config-fields.ts';
import type { GivenEnvironment } from './model-config.ts';

/** Where the brokers are and how to sign in there. */
export interface KafkaConfig {
  /** `host:port` of some of them; empty for the two APIs, which never meet Kafka. */
  readonly brokers: readonly string[];
  /** Checked against the authorities that Node knows, those of NODE_EXTRA_CA_CERTS among them. */
  readonly tls: boolean;
  /** Absent: the brokers are told no name. */
  readonly sasl?: {
    readonly mechanism: (typeof mechanisms)[number];
    readonly username: string;
    readonly password: string;
  };
}

const mechanisms = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;
const { defaultPartitions, maxPartitions, defaultReplicationFactor, maxReplicationFactor } = limits.kafka;

const brokers = z
  .string()
  .transform((text) =>
    text
      .split(',')
      .map((one) => one.trim())
      .filter((one) => one !== ''),
  )
  .refine(
    (list) => list.length > 0 && list.every((one) => /^(\[[0-9a-f:]+\]|[^\s:/@]+):\d{1,5}$/i.test(one)),
    'must be host:port, apart by commas',
  );

/** Brings its own separator; Kafka allows these characters. */
const topicPrefix = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, 'must be 1 to 64 of A-Z a-z 0-9 . _ -');

/** What is said of Kafka; `signInMistakes` judges what belongs together. */
export const kafkaFields = {
  KAFKA_BROKERS: brokers.optional(),
  KAFKA_SSL: z.enum(['true', 'false'], 'must be true or false').default('false'),
  KAFKA_SASL_MECHANISM: z.enum(mechanisms, `must be one of ${mechanisms.join(', ')}`).optional(),
  KAFKA_USERNAME: z.string().optional(),
  KAFKA_PASSWORD: z.string().optional(),
  TURNLEDGER_TOPIC_PREFIX: topicPrefix.default('turnledger.'),
  TURNLEDGER_KAFKA_PARTITIONS: wholeNumber('partitions', maxPartitions, 1).default(defaultPartitions),
  TURNLEDGER_KAFKA_REPLICATION: wholeNumber('replicas', maxReplicationFactor, 1).default(defaultReplicationFactor),
};

type KafkaValues = z.infer<z.ZodObject<typeof kafkaFields>>;

const signIn = ['KAFKA_SASL_MECHANISM', 'KAFKA_USERNAME', 'KAFKA_PASSWORD'] as const;

/** What is missing where credentials are half given; from the names alone, so that no line can repeat a secret. */
export function signInMistakes(given: GivenEnvironment): readonly string[] {
  const present = signIn.find((name) => given[name] !== undefined);
  if (present === undefined) return [];
  return signIn.filter((name) => given[name] === undefined).map((name) => `${name} must be set, since ${present} is`);
}

/** The connection that the variables name. Nobody signs in unless all three of the credentials' variables are set. */
export function kafkaConnection(values: KafkaValues): KafkaConfig {
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_USERNAME: username, KAFKA_PASSWORD: password } = values;
  const isComplete = mechanism !== undefined && username !== undefined && password !== undefined;
  return {
    brokers: values.KAFKA_BROKERS ?? [],
    tls: values.KAFKA_SSL === 'true',
    ...(isComplete && { sasl: { mechanism, username, password } }),
  };
}
