/** Answers of the brokers that stay the same however often they are asked for, by the client's name for them, and what to tell an operator. */
const refusals: { readonly [type: string]: string | undefined } = {
  SASL_AUTHENTICATION_FAILED: 'the brokers refuse KAFKA_USERNAME or KAFKA_PASSWORD',
  UNSUPPORTED_SASL_MECHANISM: 'the brokers do not take this KAFKA_SASL_MECHANISM',
  ILLEGAL_SASL_STATE: 'KAFKA_SASL_MECHANISM is set, but this listener of the brokers takes no credentials',
  TOPIC_AUTHORIZATION_FAILED: 'the brokers let KAFKA_USERNAME use no topics of TURNLEDGER_TOPIC_PREFIX',
  CLUSTER_AUTHORIZATION_FAILED: 'the brokers let KAFKA_USERNAME make no topics',
  INVALID_REPLICATION_FACTOR: 'TURNLEDGER_KAFKA_REPLICATION asks for more replicas than there are brokers',
  INVALID_PARTITIONS: 'the brokers refuse TURNLEDGER_KAFKA_PARTITIONS',
};

/**
 * While it signs in the client calls whatever goes wrong a failure to, and keeps of it the message alone: these are no answers of a broker
 * (client 2.2.4), and a broker that ends in that moment must not look like one that refuses us.
 */
const NO_ANSWER = /failed: (Closed connection|Connection (error|timeout|closed)|Request .* timed out)/i;

/**
 * Why the brokers will never let us in, or make what we ask for, as we are configured, in one line without a secret; undefined for what may
 * pass: down, starting, no answer, a certificate that is not trusted yet.
 */
export function refusalOf(error: unknown): string | undefined {
  for (
    let one: unknown = error;
    typeof one === 'object' && one !== null;
    one = 'cause' in one ? one.cause : undefined
  ) {
    const found = refusalOfSignIn(one) ?? refusalByType(one);
    if (found !== undefined) return found;
    if ('errors' in one && Array.isArray(one.errors)) {
      for (const each of one.errors) {
        const ofOne = refusalOf(each);
        if (ofOne !== undefined) return ofOne;
      }
    }
  }
  return undefined;
}

const refusalByType = (error: object): string | undefined =>
  'type' in error && typeof error.type === 'string' ? refusals[error.type] : undefined;

function refusalOfSignIn(error: object): string | undefined {
  if (!('name' in error) || error.name !== 'KafkaJSSASLAuthenticationError') return undefined;
  const message = 'message' in error ? String(error.message) : '';
  if (NO_ANSWER.test(message)) return undefined;
  const isMechanism = message.endsWith('mechanism is not supported by the server');
  return refusals[isMechanism ? 'UNSUPPORTED_SASL_MECHANISM' : 'SASL_AUTHENTICATION_FAILED'];
}
