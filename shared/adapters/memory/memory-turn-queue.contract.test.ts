import { describe, expect, test } from '@jest/globals';
import type { TurnMessage } from '../../ports/index.ts';
import { Arrivals } from '../../testing/arrivals.ts';
import { HeldConsumer } from '../../testing/held-consumer.ts';
import { turnQueueContract } from '../../testing/turn-queue-contract.ts';
import { MemoryTurnQueue } from './memory-turn-queue.ts';

const openQueue = (maxMessages?: number) => {
  const errors = new Arrivals<unknown>();
  const onError = (error: unknown) => errors.add(error);
  const queue = new MemoryTurnQueue({ onError, ...(maxMessages !== undefined && { maxMessages }) });
  return { queue, errors, close: async () => {} };
};

const requested = (sessionId: string, turnId: string): TurnMessage => ({
  kind: 'requested',
  sessionId,
  turnId,
  requestedAtMs: 0,
  deadlineMs: 1_000,
  correlationId: turnId,
});

const finish = async (consumer: HeldConsumer): Promise<void> => {
  consumer.releaseAll();
  await consumer.stop();
};

turnQueueContract('memory', async () => openQueue());

describe('MemoryTurnQueue', () => {
  test('a turn that waits already is not queued twice', async () => {
    const { queue } = openQueue();
    await queue.enqueue([requested('s1', 'a'), requested('s1', 'a')]);
    await queue.enqueue([requested('s1', 'a')]);
    expect(queue.depth()).toBe(1);
  });

  test('lanes take turns: a session with much to do does not come first twice', async () => {
    const { queue } = openQueue();
    await queue.enqueue(['a1', 'a2', 'a3'].map((turnId) => requested('a', turnId)));
    await queue.enqueue(['b1', 'b2'].map((turnId) => requested('b', turnId)));
    const consumer = new HeldConsumer(queue, 1);
    for (let count = 1; count <= 5; count += 1) consumer.release((await consumer.started.until(count)).at(-1) ?? '');
    expect(consumer.started.all).toEqual(['a1', 'b1', 'a2', 'b2', 'a3']);
    await finish(consumer);
  });

  test('`enqueue` waits while the queue is full', async () => {
    const { queue } = openQueue(2);
    const order: string[] = [];
    const enqueued = queue.enqueue(['a', 'b', 'c', 'd'].map((turnId) => requested(turnId, turnId)));
    const noted = enqueued.then(() => order.push('enqueued'));
    const consumer = new HeldConsumer(queue, 1);
    await consumer.started.until(1);
    expect(queue.depth()).toBeLessThanOrEqual(2);
    order.push('released');
    consumer.release('a');
    await noted;
    expect(order).toEqual(['released', 'enqueued']);
    expect(queue.depth()).toBe(2);
    await finish(consumer);
  });

  test('a full queue lets `enqueue` calls in by their order of arrival', async () => {
    const { queue } = openQueue(1);
    const enqueued = ['a', 'b', 'c', 'd'].map((turnId) => queue.enqueue([requested('s1', turnId)]));
    const consumer = new HeldConsumer(queue, 1);
    consumer.releaseAll();
    await Promise.all(enqueued);
    expect(await consumer.started.until(4)).toEqual(['a', 'b', 'c', 'd']);
    await finish(consumer);
  });

  test('an ending passes an `enqueue` that waits for room', async () => {
    const { queue } = openQueue(1);
    const consumer = new HeldConsumer(queue, 1);
    await queue.enqueue([requested('s1', 'a')]);
    await consumer.started.until(1);
    const waiting = queue.enqueue(['b', 'c'].map((turnId) => requested('s2', turnId)));
    void queue.enqueue([{ ...requested('s1', 'a'), kind: 'ended' }]);
    expect(await consumer.ended.until(1)).toEqual(['a']);
    consumer.releaseAll();
    await waiting;
    await finish(consumer);
  });

  test('`depth` counts what waits, not what runs', async () => {
    const { queue } = openQueue();
    const consumer = new HeldConsumer(queue, 1);
    await queue.enqueue([requested('s1', 'a'), requested('s2', 'b')]);
    await consumer.started.until(1);
    expect(queue.depth()).toBe(1);
    await finish(consumer);
    expect(queue.depth()).toBe(1);
  });

  test('a second consumer beside the first is refused', async () => {
    const { queue } = openQueue();
    const consumer = new HeldConsumer(queue, 1);
    await expect(new HeldConsumer(queue, 1).stop()).rejects.toMatchObject({ code: 'invariant_broken' });
    await finish(consumer);
  });
});
