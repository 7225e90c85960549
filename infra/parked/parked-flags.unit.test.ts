import { describe, expect, test } from '@jest/globals';
import { isTurnledgerError } from '@turnledger/shared/contracts';
import { readParkedQuestion } from './parked-flags.ts';

const env = { DATABASE_URL: 'postgres://db/turnledger', KAFKA_BROKERS: 'one:9092' };

/** The lines that flags and variables are refused with. */
function mistakesIn(flags: readonly string[], given: { readonly [name: string]: string }): string | undefined {
  try {
    readParkedQuestion(flags, given);
    return undefined;
  } catch (error) {
    return isTurnledgerError(error) && error.code === 'config_invalid' ? error.extras.detail : String(error);
  }
}

describe('the question after what is parked', () => {
  test('is of the hundred newest, for a person, unless told otherwise', () => {
    expect(readParkedQuestion([], env)).toEqual({
      max: 100,
      isJson: false,
      databaseUrl: 'postgres://db/turnledger',
      kafka: { brokers: ['one:9092'], tls: false },
      topicPrefix: 'turnledger.',
    });
    expect(readParkedQuestion(['--json', '--max', '7'], env)).toMatchObject({ max: 7, isJson: true });
  });

  test('may be asked in the environment of a process, credentials for Kafka included', () => {
    const whole = {
      ...env,
      REDIS_URL: 'redis://cache',
      TURNLEDGER_TOPIC_PREFIX: 'game.',
      TURNLEDGER_KAFKA_PARTITIONS: '3',
      KAFKA_SSL: 'true',
      KAFKA_SASL_MECHANISM: 'plain',
      KAFKA_USERNAME: 'turnledger',
      KAFKA_PASSWORD: 'hunter2',
    };
    expect(readParkedQuestion([], whole)).toMatchObject({
      topicPrefix: 'game.',
      kafka: { tls: true, sasl: { mechanism: 'plain', username: 'turnledger', password: 'hunter2' } },
    });
  });

  test.each([
    [[], {}, 'DATABASE_URL must be set\nKAFKA_BROKERS must be set'],
    [[], { ...env, DATABASE_URL: 'mysql://me:hunter2@db' }, 'DATABASE_URL must be a postgres:// URL'],
    [
      [],
      { ...env, KAFKA_USERNAME: 'me', KAFKA_PASSWORD: 'x' },
      'KAFKA_SASL_MECHANISM must be set, since KAFKA_USERNAME is',
    ],
    [['--max', '0'], env, '--max must be from 1 to 10000'],
    [['--max', '10001'], env, '--max must be from 1 to 10000'],
    [['--replay'], env, expect.stringContaining('--replay')],
  ])('is refused with a line for each mistake: %j %j', (flags, given, lines) => {
    expect(mistakesIn(flags, given)).toEqual(lines);
  });
});
