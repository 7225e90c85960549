import { describe, expect, test } from '@jest/globals';
import type { TurnMessage } from '../ports/index.ts';
import { HeldConsumer } from '../testing/held-consumer.ts';
import { type Delivery, TurnLanes } from './turn-lanes.ts';

const requested = (sessionId: string, turnId: string): TurnMessage => ({
  kind: 'requested',
  sessionId,
  turnId,
  requestedAtMs: 0,
  deadlineMs: 1_000,
  correlationId: turnId,
});

const delivery = () => {
  const told = { handled: 0, isRevoked: false };
  const one: Delivery = {
    onHandled: () => {
      told.handled += 1;
    },
    isRevoked: () => told.isRevoked,
  };
  return { told, one };
};

/** Lanes with a consumer; what they keep of the queue's port is in its contract suite. */
const open = (concurrency = 4) => {
  const lanes = new TurnLanes({ onError: () => {} });
  const queue = { enqueue: async () => {}, consume: lanes.consume.bind(lanes), depth: () => lanes.waiting };
  return { lanes, consumer: () => new HeldConsumer(queue, concurrency) };
};

const turns = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('TurnLanes', () => {
  test('accounts for each delivery of a turn that came twice while it waited', async () => {
    const { lanes, consumer } = open();
    const [first, second] = [delivery(), delivery()];
    lanes.add(requested('s1', 'a'), first.one);
    lanes.add(requested('s1', 'a'), second.one);
    expect(lanes.waiting).toBe(1);
    const held = consumer();
    held.releaseAll();
    await held.stop();
    expect([first.told.handled, second.told.handled]).toEqual([1, 1]);
    expect(held.started.all).toEqual(['a']);
  });

  test('a turn that comes again while it runs is not done with before it', async () => {
    const { lanes, consumer } = open();
    const [first, second] = [delivery(), delivery()];
    lanes.add(requested('s1', 'a'), first.one);
    const held = consumer();
    lanes.add(requested('s1', 'a'), second.one);
    await turns();
    expect([held.started.all, second.told.handled]).toEqual([['a'], 0]);
    held.release('a');
    await held.started.until(2);
    held.release('a');
    await turns();
    expect([first.told.handled, second.told.handled]).toEqual([1, 1]);
    await held.stop();
  });

  test('a handler that throws is done with its message', async () => {
    const { lanes, consumer } = open();
    const { told, one } = delivery();
    lanes.add(requested('s1', 'a'), one);
    const held = consumer();
    held.fail('a', new TypeError('a handler broke'));
    await held.stop();
    expect(told.handled).toBe(1);
  });

  test('forgets what waits and is revoked, and keeps what came by another way too', async () => {
    const { lanes, consumer } = open(1);
    const [revoked, kept] = [delivery(), delivery()];
    revoked.told.isRevoked = true;
    lanes.add(requested('s1', 'a'), revoked.one);
    lanes.add(requested('s2', 'b'), revoked.one);
    lanes.add(requested('s2', 'b'), kept.one);
    lanes.dropRevoked();
    expect(lanes.waiting).toBe(1);
    const held = consumer();
    held.releaseAll();
    await held.stop();
    expect(held.started.all).toEqual(['b']);
  });

  test('lets what runs go on when it is revoked, and its session after it', async () => {
    const { lanes, consumer } = open();
    const { told, one } = delivery();
    lanes.add(requested('s1', 'a'), one);
    const held = consumer();
    told.isRevoked = true;
    lanes.dropRevoked();
    expect(lanes.running).toBe(1);
    lanes.add(requested('s1', 'b'), delivery().one);
    held.release('a');
    expect(await held.started.until(2)).toEqual(['a', 'b']);
    held.releaseAll();
    await held.stop();
  });
});
