import { describe, expect, it } from '@jest/globals';
import { isTurnledgerError } from '../contracts/index.ts';
import { type ProcessName, readDistributedConfig } from './distributed-config.ts';

type Environment = { readonly [name: string]: string | undefined };

const key = Buffer.alloc(32, 7);
const api: Environment = {
  DATABASE_URL: 'postgres://db/turnledger',
  EVENTSTORE_URL: 'esdb://store:2113?tls=false',
  REDIS_URL: 'redis://cache:6379',
  TURNLEDGER_MASTER_KEY: key.toString('base64'),
};
const all: Environment = { ...api, KAFKA_BROKERS: 'one:9092, two:9092' };

/** The lines that an environment is refused with; none when it is taken. */
function mistakesIn(env: Environment, name: ProcessName = 'inference-worker'): readonly string[] {
  try {
    readDistributedConfig(env, name);
    return [];
  } catch (error) {
    if (!isTurnledgerError(error) || error.code !== 'config_invalid') throw error;
    return (error.extras.detail ?? '').split('\n');
  }
}

describe('the configuration of one of the four processes', () => {
  it('is complete with the addresses of what it stands on, and the key', () => {
    expect(readDistributedConfig(all, 'inference-worker')).toEqual({
      access: { host: '127.0.0.1', allowedHosts: ['localhost', '127.0.0.1', '[::1]'], jwtSecret: undefined },
      port: 8084,
      logLevel: 'warn',
      databaseUrl: 'postgres://db/turnledger',
      eventStoreUrl: 'esdb://store:2113?tls=false',
      streamPrefix: 'turnledger',
      redisUrl: 'redis://cache:6379',
      kafka: { brokers: ['one:9092', 'two:9092'], tls: false },
      topics: { prefix: 'turnledger.', partitions: 12, replication: 1 },
      masterKey: key,
      playerTurnsPerMinute: 0,
      endpoints: new Map([['default', { kind: 'scripted', wordDelayMs: 15 }]]),
      hasUnusedApiKey: false,
    });
  });

  it.each([
    ['command-api', 8081],
    ['query-api', 8082],
    ['projectors', 8083],
    ['inference-worker', 8084],
  ] as const)('has a port of its own: %s %i', (name, port) => {
    expect(readDistributedConfig(all, name).port).toBe(port);
  });

  it.each(['command-api', 'query-api'] as const)('%s never meets Kafka', (name) => {
    expect(mistakesIn(api, name)).toEqual([]);
  });

  it.each(['projectors', 'inference-worker'] as const)('%s does not start without Kafka', (name) => {
    expect(mistakesIn(api, name)).toEqual(['KAFKA_BROKERS must be set']);
  });

  it('may be one environment for all four', () => {
    const shared = {
      ...all,
      TURNLEDGER_TOPIC_PREFIX: 'game.',
      TURNLEDGER_STREAM_PREFIX: 'game',
      TURNLEDGER_KAFKA_PARTITIONS: '3',
      TURNLEDGER_KAFKA_REPLICATION: '3',
      TURNLEDGER_PLAYER_TURNS_PER_MINUTE: '12',
      TURNLEDGER_SCRIPTED_WORD_MS: '0',
    };
    for (const name of ['command-api', 'query-api', 'projectors', 'inference-worker'] as const) {
      expect(readDistributedConfig(shared, name)).toMatchObject({
        streamPrefix: 'game',
        topics: { prefix: 'game.', partitions: 3, replication: 3 },
        playerTurnsPerMinute: 12,
      });
    }
  });

  it('signs in at the brokers, over TLS, where it is told to', () => {
    const env = { ...all, KAFKA_SSL: 'true', KAFKA_SASL_MECHANISM: 'scram-sha-512', KAFKA_USERNAME: 'turnledger' };
    expect(readDistributedConfig({ ...env, KAFKA_PASSWORD: 'hunter2' }, 'projectors').kafka).toEqual({
      brokers: ['one:9092', 'two:9092'],
      tls: true,
      sasl: { mechanism: 'scram-sha-512', username: 'turnledger', password: 'hunter2' },
    });
  });

  it('takes an empty variable for an absent one', () => {
    expect(mistakesIn({ ...all, TURNLEDGER_MASTER_KEY: '' })).toEqual(['TURNLEDGER_MASTER_KEY must be set']);
  });

  it('asks the worker alone for the keys of its models', () => {
    const env = {
      ...all,
      TURNLEDGER_ENDPOINTS: '{"fast":{"base_url":"http://fast/v1","model":"m","api_key_env":"FAST"}}',
    };
    expect(mistakesIn(env, 'command-api')).toEqual([]);
    expect([...readDistributedConfig(env, 'command-api').endpoints.keys()]).toEqual(['default', 'fast']);
    expect(mistakesIn(env)).toEqual(['TURNLEDGER_ENDPOINTS fast.api_key_env names a variable that is not set']);
    expect(mistakesIn({ ...all, TURNLEDGER_MODEL: 'gpt-5' }, 'command-api')).toEqual([]);
    expect(mistakesIn({ ...all, TURNLEDGER_MODEL: 'gpt-5' })).toHaveLength(1);
  });

  it('spends no money because a key was in the shell', () => {
    const config = readDistributedConfig({ ...all, OPENAI_API_KEY: 'sk-x' }, 'inference-worker');
    expect(config.endpoints.get('default')).toMatchObject({ kind: 'scripted' });
    expect(config.hasUnusedApiKey).toBe(true);
  });
});

describe('a mistake', () => {
  it.each([
    ['DATABASE_URL', 'mysql://db', 'must be a postgres:// URL'],
    ['EVENTSTORE_URL', 'kurrentdb://store', 'must be an esdb:// connection string'],
    ['REDIS_URL', 'http://cache', 'must be a redis:// or rediss:// URL'],
    ['KAFKA_BROKERS', 'broker', 'must be host:port, apart by commas'],
    ['KAFKA_BROKERS', 'kafka://broker:9092', 'must be host:port, apart by commas'],
    ['KAFKA_BROKERS', ' , ', 'must be host:port, apart by commas'],
    ['KAFKA_SSL', 'yes', 'must be true or false'],
    ['TURNLEDGER_MASTER_KEY', 'c2hvcnQ=', 'must be 32 bytes in base64'],
    ['TURNLEDGER_STREAM_PREFIX', 'a.b', 'must be 1 to 64 of A-Z a-z 0-9 _ -'],
    ['TURNLEDGER_TOPIC_PREFIX', 'a b', 'must be 1 to 64 of A-Z a-z 0-9 . _ -'],
    ['TURNLEDGER_KAFKA_PARTITIONS', '0', 'must be partitions from 1 to 1024'],
    ['TURNLEDGER_KAFKA_REPLICATION', '10', 'must be replicas from 1 to 9'],
  ])('in %s (%s) is one line', (name, value, message) => {
    expect(mistakesIn({ ...all, [name]: value })).toEqual([`${name} ${message}`]);
  });

  it.each(['TURNLEDGER_DATA_DIR', 'TURNLEDGER_DATABASE', 'TURNLEDGER_TYPO'])('%s is no name here', (name) => {
    expect(mistakesIn({ ...all, [name]: 'x' })).toEqual([`${name} is not a name Turnledger knows`]);
  });

  it('listening to others needs a secret, for each of the four', () => {
    for (const name of ['command-api', 'query-api', 'projectors', 'inference-worker'] as const)
      expect(mistakesIn({ ...all, TURNLEDGER_HOST: '0.0.0.0' }, name)).toEqual([
        'TURNLEDGER_HOST needs TURNLEDGER_JWT_SECRET: without tokens only the loopback is served',
      ]);
  });

  it.each([
    [{ KAFKA_USERNAME: 'me', KAFKA_PASSWORD: 'x' }, ['KAFKA_SASL_MECHANISM must be set, since KAFKA_USERNAME is']],
    [
      { KAFKA_SASL_MECHANISM: 'plain', KAFKA_USERNAME: 'me' },
      ['KAFKA_PASSWORD must be set, since KAFKA_SASL_MECHANISM is'],
    ],
    [
      { KAFKA_PASSWORD: 'x' },
      [
        'KAFKA_SASL_MECHANISM must be set, since KAFKA_PASSWORD is',
        'KAFKA_USERNAME must be set, since KAFKA_PASSWORD is',
      ],
    ],
    [
      { KAFKA_SASL_MECHANISM: 'gssapi', KAFKA_USERNAME: 'me', KAFKA_PASSWORD: 'x' },
      ['KAFKA_SASL_MECHANISM must be one of plain, scram-sha-256, scram-sha-512'],
    ],
  ])('in the credentials for Kafka is a line for each name: %j', (given, lines) => {
    expect(mistakesIn({ ...all, ...given })).toEqual(lines);
  });

  it('repeats no secret', () => {
    const secrets = { TURNLEDGER_MASTER_KEY: 'hunter2', KAFKA_PASSWORD: 'hunter2', KAFKA_SASL_MECHANISM: 'hunter2' };
    const text = mistakesIn({ ...all, DATABASE_URL: 'mysql://me:hunter2@db', ...secrets }).join();
    expect(text).not.toContain('hunter2');
  });
});
