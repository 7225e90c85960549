import { describe, expect, test } from '@jest/globals';
import { refusalOf } from './kafka-failure.ts';

/** Errors as client 2.2.4 makes them; it does not export all of their classes. */
const named = (name: string, message: string, further: object = {}) =>
  Object.assign(new Error(message), { name, ...further });
const signInFailed = (message: string) => named('KafkaJSSASLAuthenticationError', message);
const answered = (type: string) => named('KafkaJSProtocolError', `what ${type} says`, { type, code: 1 });
const afterRetries = (cause: Error) => named('KafkaJSNumberOfRetriesExceeded', cause.message, { cause });
const away = (message: string) => named('KafkaJSConnectionError', message);

describe('a refusal of the brokers', () => {
  test.each([
    ['SASL PLAIN authentication failed: Authentication failed: Invalid username or password', /KAFKA_PASSWORD/],
    ['SASL SCRAM SHA512 authentication failed: Authentication failed during authentication', /KAFKA_PASSWORD/],
    ['SASL PLAIN mechanism is not supported by the server', /KAFKA_SASL_MECHANISM/],
  ])('is %s', (message, sentence) => {
    expect(refusalOf(signInFailed(message))).toMatch(sentence);
  });

  test.each([
    ['UNSUPPORTED_SASL_MECHANISM', /KAFKA_SASL_MECHANISM/],
    ['ILLEGAL_SASL_STATE', /takes no credentials/],
    ['CLUSTER_AUTHORIZATION_FAILED', /make no topics/],
    ['INVALID_REPLICATION_FACTOR', /TURNLEDGER_KAFKA_REPLICATION/],
  ])('is known by its type %s, under retries too', (type, sentence) => {
    expect(refusalOf(answered(type))).toMatch(sentence);
    expect(refusalOf(afterRetries(answered(type)))).toMatch(sentence);
  });

  test('is found among the errors of several topics', () => {
    const errors = ['TOPIC_ALREADY_EXISTS', 'TOPIC_AUTHORIZATION_FAILED'].map(answered);
    expect(refusalOf(named('KafkaJSAggregateError', 'Topic creation errors', { errors }))).toMatch(/use no topics/);
  });
});

describe('what may pass', () => {
  test.each([
    ['a broker that is away', away('Connection error: connect ECONNREFUSED 127.0.0.1:9092')],
    ['a closed connection', afterRetries(away('Closed connection'))],
    ['an answer that does not come', away('Request Metadata(key: 3, version: 6) timed out')],
    ['a coordinator that loads', answered('GROUP_LOAD_IN_PROGRESS')],
    ['a certificate that is not trusted', away('Connection error: self-signed certificate')],
    ['nothing', undefined],
  ])('%s is no refusal', (_what, error) => {
    expect(refusalOf(error)).toBeUndefined();
  });

  test.each([
    'Closed connection',
    'Connection error: read ECONNRESET',
    'Connection timeout',
    'Request SaslAuthenticate(key: 36, version: 1) timed out',
  ])('%s while signing in is no refusal, though the client calls it one', (what) => {
    expect(refusalOf(signInFailed(`SASL PLAIN authentication failed: ${what}`))).toBeUndefined();
  });
});
