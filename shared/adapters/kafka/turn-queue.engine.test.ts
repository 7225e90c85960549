import { afterEach, describe, expect, test } from '@jest/globals';
import type { TurnMessage } from '../../ports/index.ts';
import { Arrivals } from '../../testing/arrivals.ts';
import { type FreshTopics, freshTopics } from '../../testing/fresh-topics.ts';
import { HeldConsumer } from '../../testing/held-consumer.ts';
import { turnQueueContract } from '../../testing/turn-queue-contract.ts';
import { systemClock as clock, systemIds as ids } from '../system/index.ts';
import type { KafkaNotice } from './kafka-notice.ts';
import { type KafkaTurnQueue, openKafkaTurnQueue } from './open-kafka-turn-queue.ts';

const requested = (sessionId: string, turnId: string): TurnMessage => ({
  kind: 'requested',
  sessionId,
  turnId,
  requestedAtMs: 1_767_225_600_000,
  deadlineMs: 30_000,
  correlationId: `correlation-of-${turnId}`,
});
const ended = (sessionId: string, turnId: string): TurnMessage => ({ ...requested(sessionId, turnId), kind: 'ended' });

interface OpenQueue {
  readonly queue: KafkaTurnQueue;
  readonly errors: Arrivals<unknown>;
  readonly notices: Arrivals<KafkaNotice>;
}

function openOn({ brokers, prefix }: FreshTopics, partitions = 3): OpenQueue {
  const errors = new Arrivals<unknown>();
  const notices = new Arrivals<KafkaNotice>();
  const queue = openKafkaTurnQueue({
    connection: { brokers, clientId: 'turnledger-test' },
    topics: { prefix, partitions, replicationFactor: 1 },
    clock,
    ids,
    onError: (error) => errors.add(error),
    report: (notice) => notices.add(notice),
    onStalled: () => {},
  });
  return { queue, errors, notices };
}

turnQueueContract('Kafka', async () => {
  const topics = await freshTopics();
  const { queue, errors } = openOn(topics);
  const close = async () => {
    await queue.close();
    await topics.drop();
  };
  return { queue, errors, close };
});

describe('openKafkaTurnQueue', () => {
  const open: KafkaTurnQueue[] = [];
  const consumers: HeldConsumer[] = [];
  const used: FreshTopics[] = [];

  const fresh = async (): Promise<FreshTopics> => {
    const topics = await freshTopics();
    used.push(topics);
    return topics;
  };
  const opened = async (topics: FreshTopics, partitions?: number): Promise<OpenQueue> => {
    const one = openOn(topics, partitions);
    open.push(one.queue);
    await one.queue.opened;
    return one;
  };
  const consumer = (queue: KafkaTurnQueue, concurrency = 8): HeldConsumer => {
    const one = new HeldConsumer(queue, concurrency);
    consumers.push(one);
    return one;
  };
  const until = async (isTrue: () => boolean | Promise<boolean>): Promise<void> => {
    while (!(await isTrue())) await clock.sleep(10);
  };
  const joined = (...queues: KafkaTurnQueue[]) => until(() => queues.every((queue) => queue.status().isJoined));
  const committed = async ({ admin, names }: FreshTopics) => {
    const [topic] = await admin.fetchOffsets({ groupId: names.workers, topics: [names.requested] });
    return topic?.partitions ?? [];
  };

  afterEach(async () => {
    for (const one of consumers) one.releaseAll();
    await Promise.all(consumers.splice(0).map((one) => one.stop()));
    await Promise.all(open.splice(0).map((queue) => queue.close()));
    await Promise.all(used.splice(0).map((topics) => topics.drop()));
  });

  test('makes its topics with the partitions that are configured, and takes those that are there', async () => {
    const topics = await fresh();
    await opened(topics, 5);
    const again = await opened(topics, 5);
    const partitionsOf = async (topic: string) => (await topics.admin.fetchTopicOffsets(topic)).length;
    const { requested, ended, parked } = topics.names;
    expect(await Promise.all([requested, ended, parked].map(partitionsOf))).toEqual([5, 5, 1]);
    expect(again.notices.all).toEqual([]);
  });

  test('says so when a topic has fewer partitions than are configured', async () => {
    const topics = await fresh();
    await opened(topics, 2);
    const { notices } = await opened(topics, 6);
    expect(notices.all).toEqual([
      { kind: 'fewer_partitions', topic: topics.names.requested, found: 2, wanted: 6 },
      { kind: 'fewer_partitions', topic: topics.names.ended, found: 2, wanted: 6 },
    ]);
  });

  test('refuses more replicas than there are brokers at once', async () => {
    const { brokers, prefix } = await fresh();
    const queue = openKafkaTurnQueue({
      connection: { brokers, clientId: 'turnledger-test' },
      topics: { prefix, partitions: 1, replicationFactor: 9 },
      clock,
      ids,
      onError: () => {},
      report: () => {},
      onStalled: () => {},
    });
    open.push(queue);
    await expect(queue.opened).rejects.toMatchObject({ code: 'config_invalid' });
    await expect(queue.enqueue([requested('s1', 'a')])).rejects.toMatchObject({ code: 'config_invalid' });
  });

  test('writes ids as CloudEvents under the session, with the event and its position in the headers', async () => {
    const topics = await fresh();
    const { queue } = await opened(topics);
    const eventId = ids.uuid();
    await queue.enqueue([{ ...requested('s1', 'a'), origin: { eventId, position: 7n } }]);
    const [message] = await topics.read(topics.names.requested, 1);
    expect(String(message?.key)).toBe('s1');
    expect(JSON.parse(String(message?.value))).toEqual({
      specversion: '1.0',
      id: 'a/requested',
      source: '/turnledger/log',
      type: 'turnledger.turn.requested.v1',
      subject: 'a',
      time: '2026-01-01T00:00:00.000Z',
      datacontenttype: 'application/json',
      data: { session_id: 's1', turn_id: 'a', correlation_id: 'correlation-of-a', deadline_ms: 30_000 },
    });
    expect(Object.entries(message?.headers ?? {}).map(([name, value]) => [name, String(value)])).toEqual([
      ['content-type', 'application/cloudevents+json; charset=utf-8'],
      ['event-id', eventId],
      ['log-position', '7'],
    ]);
  });

  test('hands the event that a message tells of over with it', async () => {
    const { queue } = await opened(await fresh());
    const origin = { eventId: ids.uuid(), position: 2n ** 62n };
    await queue.enqueue([{ ...requested('s1', 'a'), origin }]);
    const held = consumer(queue);
    await held.started.until(1);
    expect(held.messages).toEqual([{ ...requested('s1', 'a'), origin }]);
  });

  test('shares turns out among two workers, a session to one of them, in its order', async () => {
    const topics = await fresh();
    const [one, other] = [await opened(topics), await opened(topics)];
    const [first, second] = [consumer(one.queue), consumer(other.queue)];
    await joined(one.queue, other.queue);
    const sessions = Array.from({ length: 24 }, (_, index) => `session-${index}`);
    await one.queue.enqueue(['1', '2', '3'].flatMap((turn) => sessions.map((id) => requested(id, `${id}/${turn}`))));
    first.releaseAll();
    second.releaseAll();
    await until(() => first.started.all.length + second.started.all.length >= 72);
    const handled = [first.messages, second.messages];
    expect(handled.every((messages) => messages.length > 0)).toBe(true);
    for (const id of sessions) {
      const turns = handled.map((messages) => messages.filter(({ sessionId }) => sessionId === id));
      expect(turns.map((messages) => messages.map(({ turnId }) => turnId)).filter((one) => one.length > 0)).toEqual([
        [`${id}/1`, `${id}/2`, `${id}/3`],
      ]);
    }
  });

  test('tells every worker of an ending, also the one that a session no longer belongs to', async () => {
    const topics = await fresh();
    const [one, other] = [await opened(topics), await opened(topics)];
    const [first, second] = [consumer(one.queue), consumer(other.queue)];
    await joined(one.queue, other.queue);
    await one.queue.enqueue([ended('s1', 'a')]);
    expect(await first.ended.until(1)).toEqual(['a']);
    expect(await second.ended.until(1)).toEqual(['a']);
  });

  test('puts a message aside that it cannot read, with the reason, and goes on with its neighbours', async () => {
    const topics = await fresh();
    const { queue, notices } = await opened(topics, 1);
    await queue.enqueue([requested('s1', 'a')]);
    await topics.write(topics.names.requested, [
      { key: 's1', value: 'not JSON' },
      { key: 's1', value: JSON.stringify({ specversion: '1.0', type: 'another.type' }) },
      { key: 's1', value: JSON.stringify({ specversion: '1.0', type: 'turnledger.turn.requested.v1' }) },
      { key: 's1', value: 'x'.repeat(100_000) },
      { key: 's1', value: null },
    ]);
    await queue.enqueue([requested('s1', 'b')]);
    const held = consumer(queue);
    held.releaseAll();
    await held.started.until(2);
    const parked = await topics.read(topics.names.parked, 5);
    expect(parked.map(({ headers }) => String(headers?.reason))).toEqual([
      'not_json',
      'unknown_type',
      'invalid',
      'too_large',
      'not_json',
    ]);
    expect(String(parked[0]?.value)).toBe('not JSON');
    expect(parked[3]?.value).toHaveLength(64 * 1_024);
    expect(Object.entries(parked[0]?.headers ?? {}).map(([name, value]) => [name, String(value)])).toEqual([
      ['reason', 'not_json'],
      ['topic', topics.names.requested],
      ['partition', '0'],
      ['offset', '1'],
    ]);
    expect(held.started.all).toEqual(['a', 'b']);
    expect(queue.status().unreadable).toBe(5);
    expect(notices.all.filter(({ kind }) => kind === 'parked')).toHaveLength(5);
    await until(async () => (await committed(topics))[0]?.offset === '7');
  });

  test('leaves out an ending that it cannot read', async () => {
    const topics = await fresh();
    const { queue, notices } = await opened(topics, 1);
    const held = consumer(queue);
    await joined(queue);
    await topics.write(topics.names.ended, [{ key: 's1', value: '{}' }]);
    await queue.enqueue([ended('s1', 'a')]);
    expect(await held.ended.until(1)).toEqual(['a']);
    expect(queue.status().unreadable).toBe(1);
    expect(notices.all).toMatchObject([{ kind: 'unreadable_ending', reason: 'unknown_type', offset: '0' }]);
  });

  test('commits no further than the oldest turn that runs, and what is done above it', async () => {
    const topics = await fresh();
    const { queue } = await opened(topics, 1);
    const held = consumer(queue);
    await queue.enqueue(['a', 'b', 'c', 'd', 'e'].map((turn) => requested(`session of ${turn}`, turn)));
    await held.started.until(5);
    for (const turn of ['a', 'c', 'e']) held.release(turn);
    await until(async () => (await committed(topics))[0]?.offset === '1');
    await until(async () => (await committed(topics))[0]?.metadata === '1;4;2');
    held.release('b');
    await until(async () => (await committed(topics))[0]?.offset === '3');
    held.release('d');
    await until(async () => (await committed(topics))[0]?.offset === '5');
    expect((await committed(topics))[0]?.metadata ?? '').toBe('');
  });

  test('goes on behind messages that were past their keeping before anybody took them', async () => {
    const topics = await fresh();
    const { queue } = await opened(topics, 1);
    await queue.enqueue([requested('s1', 'a')]);
    const first = consumer(queue);
    first.releaseAll();
    await until(async () => (await committed(topics))[0]?.offset === '1');
    await first.stop();
    await queue.enqueue(['b', 'c', 'd', 'e'].map((turn) => requested('s1', turn)));
    await topics.admin.deleteTopicRecords({
      topic: topics.names.requested,
      partitions: [{ partition: 0, offset: '3' }],
    });
    const second = consumer(queue);
    second.releaseAll();
    expect(await second.started.until(2)).toEqual(['d', 'e']);
    await until(async () => (await committed(topics))[0]?.offset === '5');
  });

  test('refuses a second consumer beside the first', async () => {
    const { queue } = await opened(await fresh());
    consumer(queue);
    await expect(new HeldConsumer(queue, 1).stop()).rejects.toMatchObject({ code: 'invariant_broken' });
  });

  test('fetches no more while much waits, and goes on when it has been taken', async () => {
    const topics = await fresh();
    const { queue } = await opened(topics);
    const messages = Array.from({ length: 3_000 }, (_, index) => requested(`session ${index}`, `turn ${index}`));
    await queue.enqueue(messages);
    const held = consumer(queue, 4);
    await held.started.until(4);
    await until(() => queue.status().isPaused);
    await clock.sleep(200);
    expect(queue.depth()).toBeLessThan(1_100);
    held.releaseAll();
    expect(new Set(await held.started.until(3_000)).size).toBe(3_000);
    expect(queue.status()).toMatchObject({ isPaused: false, waiting: 0 });
  });

  test('rejects what it has not sent when it is closed', async () => {
    const topics = await fresh();
    const { queue } = await opened(topics);
    const sent = queue.enqueue(Array.from({ length: 20_000 }, (_, index) => requested(`s${index}`, `t${index}`)));
    const refused = expect(sent).rejects.toMatchObject({ code: 'store_unavailable' });
    await queue.close();
    await refused;
  });
});
