import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { TurnMessage } from '../../ports/index.ts';
import { type FreshTopics, freshTopics } from '../../testing/fresh-topics.ts';
import { systemClock as clock, systemIds as ids } from '../system/index.ts';
import { type KafkaTurnQueue, openKafkaTurnQueue } from './open-kafka-turn-queue.ts';
import { readRequestTimes } from './request-times.ts';

let topics: FreshTopics;
let queue: KafkaTurnQueue;
const connectionOf = ({ brokers }: FreshTopics) => ({ brokers, clientId: 'turnledger-test' });
const silent = () => undefined;

beforeEach(async () => {
  topics = await freshTopics();
  queue = openKafkaTurnQueue({
    connection: connectionOf(topics),
    topics: { prefix: topics.prefix, partitions: 3, replicationFactor: 1 },
    clock,
    ids,
    onError: silent,
    report: silent,
    onStalled: silent,
  });
  await queue.opened;
});
afterEach(async () => {
  await queue.close();
  await topics.drop();
});

const turn = (kind: TurnMessage['kind'], turnId: string): TurnMessage => ({
  kind,
  sessionId: `session of ${turnId}`,
  turnId,
  requestedAtMs: 1_767_225_600_000,
  deadlineMs: 30_000,
  correlationId: '',
});
const read = (timeoutMs = 30_000) =>
  readRequestTimes({
    connection: connectionOf(topics),
    prefix: topics.prefix,
    clock,
    ids,
    report: silent,
    signal: AbortSignal.timeout(timeoutMs),
  });

test('tells when each turn was given to the broker, by the first of its messages', async () => {
  const beforeMs = clock.nowMs();
  await queue.enqueue(['a', 'b', 'c', 'd'].map((turnId) => turn('requested', turnId)));
  const betweenMs = clock.nowMs();
  await clock.sleep(2);
  await queue.enqueue([turn('requested', 'a'), turn('ended', 'e')]);
  const times = await read();
  expect([...times.keys()].toSorted()).toEqual(['a', 'b', 'c', 'd']);
  for (const atMs of times.values()) {
    expect(atMs).toBeGreaterThanOrEqual(beforeMs);
    expect(atMs).toBeLessThanOrEqual(betweenMs);
  }
});

test('passes what no worker can read', async () => {
  await topics.write(topics.names.requested, [{ value: 'no JSON' }]);
  await queue.enqueue([turn('requested', 'a')]);
  expect([...(await read()).keys()]).toEqual(['a']);
});

test('answers nothing of an empty topic, at once', async () => {
  expect(await read()).toEqual(new Map());
});

test('takes no share of the turns from the workers, and leaves no commit behind', async () => {
  await queue.enqueue([turn('requested', 'a')]);
  await read();
  const { groups } = await topics.admin.listGroups();
  const own = groups.map(({ groupId }) => groupId).filter((groupId) => groupId.startsWith(topics.prefix));
  expect(own).not.toContain(topics.names.workers);
  for (const groupId of own) {
    const [found] = await topics.admin.fetchOffsets({ groupId, topics: [topics.names.requested] });
    expect(found?.partitions.filter(({ offset }) => offset !== '-1')).toEqual([]);
  }
});
