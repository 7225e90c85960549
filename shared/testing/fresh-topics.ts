import { randomUUID } from 'node:crypto';
import { type Admin, Kafka, logLevel, type Message, Partitioners } from 'kafkajs';
import { type TopicNames, TurnledgerError, topicNames } from '../contracts/index.ts';

/** Names on the broker of TURNLEDGER_TEST_KAFKA_BROKERS that no other test uses. */
export interface FreshTopics {
  readonly brokers: readonly string[];
  /** For whoever makes the topics. */
  readonly prefix: string;
  readonly names: TopicNames;
  readonly admin: Admin;
  /** Writes messages as they are, as anybody with access could. */
  write(topic: string, messages: Message[]): Promise<void>;
  /** All messages of a topic, once there are `count`. */
  read(topic: string, count: number): Promise<readonly Message[]>;
  /** Removes topics and groups of the prefix. */
  drop(): Promise<void>;
}

/** Opens an admin's connection for a test file or a test; throws `config_invalid` where no broker is named. */
export async function freshTopics(): Promise<FreshTopics> {
  const named = process.env.TURNLEDGER_TEST_KAFKA_BROKERS;
  if (!named) throw new TurnledgerError('config_invalid', { detail: 'TURNLEDGER_TEST_KAFKA_BROKERS is not set' });
  const brokers = named.split(',');
  const prefix = `test-${randomUUID()}.`;
  const kafka = new Kafka({ brokers, clientId: 'turnledger-test', logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  return {
    brokers,
    prefix,
    names: topicNames(prefix),
    admin,
    async write(topic, messages) {
      const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
      await producer.connect();
      await producer.send({ topic, acks: -1, messages });
      await producer.disconnect();
    },
    async read(topic, count) {
      const consumer = kafka.consumer({ groupId: `${prefix}reader.${randomUUID()}`, maxWaitTimeInMs: 10 });
      const found: Message[] = [];
      await consumer.connect();
      await consumer.subscribe({ topic, fromBeginning: true });
      await new Promise<void>((resolve, reject) => {
        const eachMessage = async ({ message }: { readonly message: Message }) => {
          if (found.push(message) === count) resolve();
        };
        consumer.run({ autoCommit: false, eachMessage }).catch(reject);
      });
      await consumer.disconnect();
      return found;
    },
    async drop() {
      const { groups } = await admin.listGroups();
      const ours = groups.map(({ groupId }) => groupId).filter((groupId) => groupId.startsWith(prefix));
      // A group whose member was killed counts as in use until its session is over: it is left to the broker.
      await admin.deleteGroups(ours).catch(() => undefined);
      const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(prefix));
      if (topics.length > 0) await admin.deleteTopics({ topics });
      await admin.disconnect();
    },
  };
}
