import { setImmediate as nextTick } from 'node:timers/promises';
import { beforeEach, expect, test } from '@jest/globals';
import { MemoryTurnFeed, MemoryTurnQueue } from '@turnledger/shared/adapters/memory';
import type { TurnQueue } from '@turnledger/shared/ports';
import { ManualClock } from '@turnledger/shared/testing';
import { failingFeed, failingQueue } from './failing-adapters.ts';

let passed: string[];
const pass = (name: string, turnId?: string) => void passed.push(turnId === undefined ? name : `${name} of ${turnId}`);

const message = {
  kind: 'requested',
  sessionId: 'a session',
  turnId: 'a turn',
  requestedAtMs: 0,
  deadlineMs: 1,
  correlationId: 'a request',
} as const;

/** As an adapter is: an object of functions. */
function openQueue(): TurnQueue {
  const queue = new MemoryTurnQueue({ onError: () => {} });
  return {
    enqueue: (messages) => queue.enqueue(messages),
    consume: (options) => queue.consume(options),
    depth: () => queue.depth(),
  };
}

beforeEach(() => {
  passed = [];
});

test('a requested turn passes before, during and after it is given to the queue; an ending passes nothing', async () => {
  const queue = failingQueue(openQueue(), pass);
  await queue.enqueue([{ ...message, kind: 'ended' }]);
  expect(passed).toEqual([]);
  await queue.enqueue([message]);
  await nextTick();
  expect([...passed].sort()).toEqual(['after', 'before', 'during'].map((name) => `${name}_enqueue of a turn`));
});

test('a worker passes a place before it looks at a message, and one after it is done with it', async () => {
  const queue = failingQueue(openQueue(), pass);
  const ending = new AbortController();
  await queue.enqueue([message]);
  passed = [];
  await queue.consume({
    concurrency: 1,
    signal: ending.signal,
    onEnded: () => {},
    onRequested: async () => {
      pass('the handler');
      ending.abort();
    },
  });
  expect(passed).toEqual(['turn_fetched of a turn', 'the handler', 'turn_handled of a turn']);
});

test('a reader passes its place at the second piece of a reply, after it has it, and reads what was said', async () => {
  const feed = new MemoryTurnFeed({ clock: new ManualClock() });
  for (const [index, payload] of ['One', 'two', 'three'].entries())
    await feed.publish('a turn', { id: 1_000_001 + index, kind: 'delta', payload });
  const read: string[] = [];
  const { signal } = new AbortController();
  for await (const { payload } of failingFeed(feed, pass).read('a turn', { after: 0, signal, follow: false })) {
    read.push(payload);
    if (read.length === 2) expect(passed).toEqual([]);
  }
  expect(read).toEqual(['One', 'two', 'three']);
  expect(passed.filter((name) => name === 'mid_follow of a turn')).toHaveLength(1);
});
