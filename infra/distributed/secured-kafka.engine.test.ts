import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type KafkaConnection, type KafkaTurnQueue, openKafkaTurnQueue } from '@turnledger/shared/adapters/kafka';
import { systemClock as clock, systemIds as ids } from '@turnledger/shared/adapters/system';
import { type FreshDatabase, freshDatabase } from '@turnledger/shared/testing';
import type { Engine } from '../engines/engine.ts';
import { freePorts } from '../engines/free-ports.ts';
import { startEngine } from '../engines/start-engine.ts';
import { type EventStoreTwin, startEventStoreTwin } from '../twins/eventstore/event-store-twin.ts';
import { endServices, startService } from './testing/started-service.ts';

const username = 'turnledger';
const right = 'the right word + 2 signs';
const wrong = 'hunter2';

let folder: string;
let certificate: string;
let kafka: Engine;
let plain: string;
let encrypted: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'turnledger-secured-kafka-test-'));
  certificate = join(folder, 'certificate.pem');
  const store = await makeKeyStore();
  const [plainPort = 0, encryptedPort = 0] = await freePorts(2);
  const login = `org.apache.kafka.common.security.plain.PlainLoginModule required user_${username}="${right}";`;
  const scram = 'org.apache.kafka.common.security.scram.ScramLoginModule required;';
  kafka = await startEngine('kafka', {
    secured: {
      ports: { SASL_PLAINTEXT: plainPort, SASL_SSL: encryptedPort },
      properties: {
        'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256',
        'listener.name.sasl_plaintext.plain.sasl.jaas.config': login,
        'listener.name.sasl_ssl.plain.sasl.jaas.config': login,
        'listener.name.sasl_plaintext.scram-sha-256.sasl.jaas.config': scram,
        'listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config': scram,
        'ssl.keystore.type': 'PKCS12',
        'ssl.keystore.location': store,
        'ssl.keystore.password': 'of-a-test',
      },
      scramUsers: [`SCRAM-SHA-256=[name=${username},password="${right}"]`],
    },
  });
  [plain, encrypted] = [`127.0.0.1:${plainPort}`, `127.0.0.1:${encryptedPort}`];
});
afterAll(async () => {
  await kafka?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** A key and a certificate that nobody but its reader trusts, as Kafka takes them; by Java's own tool, since the broker needs Java too. */
async function makeKeyStore(): Promise<string> {
  const store = join(folder, 'store.p12');
  const keytool = (...words: string[]) =>
    promisify(execFile)('keytool', [...words, '-alias', 'broker', '-keystore', store, '-storepass', 'of-a-test']);
  await keytool('-genkeypair', '-keyalg', 'EC', '-dname', 'CN=a broker', '-ext', 'san=ip:127.0.0.1');
  await keytool('-exportcert', '-rfc', '-file', certificate);
  return store;
}

describe('the turn queue at a Kafka that asks who we are', () => {
  const open: KafkaTurnQueue[] = [];
  afterEach(() => Promise.all(open.splice(0).map((queue) => queue.close())));

  const openAs = (brokers: string, sasl?: KafkaConnection['sasl']): KafkaTurnQueue => {
    const queue = openKafkaTurnQueue({
      connection: { brokers: [brokers], clientId: 'turnledger-test', ...(sasl && { sasl }) },
      topics: { prefix: `secured-${ids.uuid()}.`, partitions: 1, replicationFactor: 1 },
      clock,
      ids,
      onError: () => {},
      report: () => {},
      onStalled: () => {},
    });
    open.push(queue);
    return queue;
  };
  const refused = (detail: RegExp) => ({
    code: 'config_invalid',
    extras: { detail: expect.stringMatching(detail) },
  });

  test.each(['plain', 'scram-sha-256'] as const)('lets us in by %s with the right password', async (mechanism) => {
    await openAs(plain, { mechanism, username, password: right }).opened;
    expect(open.at(-1)?.status().isOpen).toBe(true);
  });

  test.each(['plain', 'scram-sha-256'] as const)('refuses another password by %s at once', async (mechanism) => {
    const queue = openAs(plain, { mechanism, username, password: wrong });
    await expect(queue.opened).rejects.toMatchObject(refused(/^the brokers refuse KAFKA_USERNAME or KAFKA_PASSWORD$/));
  });

  test('refuses a mechanism that it does not have', async () => {
    const queue = openAs(plain, { mechanism: 'scram-sha-512', username, password: right });
    await expect(queue.opened).rejects.toMatchObject(refused(/KAFKA_SASL_MECHANISM/));
  });

  test('refuses credentials at a listener that takes none', async () => {
    const queue = openAs(kafka.url, { mechanism: 'plain', username, password: right });
    await expect(queue.opened).rejects.toMatchObject(refused(/takes no credentials/));
  });
});

describe('a process at a Kafka over TLS', () => {
  let database: FreshDatabase;
  let twin: EventStoreTwin;
  let whole: { readonly [name: string]: string };

  beforeAll(async () => {
    [database, twin] = await Promise.all([freshDatabase(), startEventStoreTwin()]);
    whole = {
      DATABASE_URL: database.connectionString,
      EVENTSTORE_URL: twin.url,
      REDIS_URL: process.env.TURNLEDGER_TEST_REDIS_URL ?? '',
      TURNLEDGER_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
      KAFKA_BROKERS: encrypted,
      KAFKA_SSL: 'true',
      KAFKA_SASL_MECHANISM: 'plain',
      KAFKA_USERNAME: username,
      KAFKA_PASSWORD: right,
      NODE_EXTRA_CA_CERTS: certificate,
      LOG_LEVEL: 'info',
    };
  });
  afterEach(endServices);
  afterAll(async () => {
    await twin.close();
    await database.drop();
  });

  test('starts with the certificate and the password', async () => {
    const service = await startService('inference-worker', whole);
    await service.told('inference-worker is ready');
    expect(service.stderr()).toMatch(/"dependency":"kafka".*a dependency is there/);
    expect(service.stderr()).not.toContain(right);
  });

  test('ends at once, in a line, with another password', async () => {
    const service = await startService('projectors', { ...whole, KAFKA_PASSWORD: wrong });
    expect(await service.ended).toEqual({ code: 1, signal: null });
    const lines = service.stderr().split('\n');
    expect(lines.filter((line) => line.startsWith('turnledger:'))).toEqual([
      'turnledger: The configuration is wrong: the brokers refuse KAFKA_USERNAME or KAFKA_PASSWORD',
    ]);
    expect(service.stderr()).not.toContain(wrong);
  });

  test('waits, and says why, while it does not trust the certificate', async () => {
    const service = await startService('projectors', { ...whole, NODE_EXTRA_CA_CERTS: '' });
    await service.told('self-signed certificate');
    expect((await fetch(`${service.url}/healthz`)).status).toBe(200);
    const { stuck } = (await (await fetch(`${service.url}/readyz`)).json()) as { readonly stuck: readonly object[] };
    expect(stuck).toContainEqual(expect.objectContaining({ name: 'kafka' }));
  });
});
