import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { TurnMessage } from '../../ports/index.ts';
import { type FreshTopics, freshTopics } from '../../testing/fresh-topics.ts';
import { HeldConsumer } from '../../testing/held-consumer.ts';
import { systemClock as clock, systemIds as ids } from '../system/index.ts';
import { type KafkaTurnQueue, openKafkaTurnQueue } from './open-kafka-turn-queue.ts';

const requested = (number: number): TurnMessage => ({
  kind: 'requested',
  sessionId: `session-${number % 40}`,
  turnId: `turn-${number}`,
  requestedAtMs: 0,
  deadlineMs: 30_000,
  correlationId: '',
});

/** Without its number a broker cannot be stopped and continued; `npm run test:wire` names that of its own. */
const pid = Number(process.env.TURNLEDGER_TEST_KAFKA_PID ?? 0);
const withBroker = pid > 0 ? test : test.skip;

describe('the turn queue over Kafka, when the broker is frozen for 5 s', () => {
  let topics: FreshTopics;
  let queue: KafkaTurnQueue;
  let held: HeldConsumer;

  beforeEach(async () => {
    topics = await freshTopics();
    queue = openKafkaTurnQueue({
      connection: { brokers: topics.brokers, clientId: 'turnledger-test' },
      topics: { prefix: topics.prefix, partitions: 3, replicationFactor: 1 },
      clock,
      ids,
      onError: () => {},
      report: () => {},
      onStalled: () => {},
    });
    held = new HeldConsumer(queue, 64);
    held.releaseAll();
    while (!queue.status().isJoined) await clock.sleep(10);
  });
  afterEach(async () => {
    process.kill(pid, 'SIGCONT');
    await held.stop();
    await queue.close();
    await topics.drop();
  });

  withBroker('`enqueue` waits, no acknowledged message is lost, and each session keeps its order', async () => {
    let acknowledged = 0;
    let frozenAcknowledged = 0;
    let isOver = false;
    const sending = (async () => {
      for (let number = 0; !isOver; number += 4) {
        await queue.enqueue([0, 1, 2, 3].map((one) => requested(number + one)));
        acknowledged = number + 4;
        await clock.sleep(1);
      }
    })();
    await clock.sleep(500);
    process.kill(pid, 'SIGSTOP');
    await clock.sleep(100);
    frozenAcknowledged = acknowledged;
    await clock.sleep(4_900);
    expect(acknowledged).toBe(frozenAcknowledged);
    process.kill(pid, 'SIGCONT');
    while (acknowledged < frozenAcknowledged + 400) await clock.sleep(10);
    isOver = true;
    await sending;
    const turnIds = Array.from({ length: acknowledged }, (_, number) => `turn-${number}`);
    while (new Set(held.started.all).size < acknowledged) await clock.sleep(10);
    expect(new Set(held.started.all)).toEqual(new Set(turnIds));
    const firstComings = [...new Set(held.started.all)].map((turnId) => Number(turnId.slice('turn-'.length)));
    for (let session = 0; session < 40; session += 1) {
      const ofSession = firstComings.filter((number) => number % 40 === session);
      expect(ofSession).toEqual(ofSession.toSorted((one, other) => one - other));
    }
  });
});
