import { Histogram, type Registry } from 'prom-client';
import type { Clock, TurnQueue } from '../../ports/index.ts';
import { buckets } from './buckets.ts';
import { readGauge } from './read-gauge.ts';

/** Which end of a queue a process has: it gives turns, or takes them, or both. */
export type QueueEnd = 'giving' | 'taking' | 'both';

/** The same queue with its depth and how long each turn waited, where turns are taken, and the turns that are open, where they are given. */
export function meteredQueue(registry: Registry, clock: Clock, queue: TurnQueue, end: QueueEnd = 'both'): TurnQueue {
  // By id, since a message may come twice: a turn is open from its request to its ending, however often either is told.
  const open = new Set<string>();
  if (end !== 'giving')
    readGauge(registry, 'turnledger_queue_depth', 'Messages that wait for a worker.', () => queue.depth());
  if (end !== 'taking')
    readGauge(registry, 'turnledger_open_turns', 'Turns that were requested and have not ended.', () => open.size);
  const waits = new Histogram({
    name: 'turnledger_queue_wait_seconds',
    help: 'From the record of a request to a worker that takes it.',
    buckets: [...buckets.store],
    registers: end === 'giving' ? [] : [registry],
  });
  return {
    async enqueue(messages) {
      for (const { kind, turnId } of messages) {
        if (kind === 'requested') open.add(turnId);
        else open.delete(turnId);
      }
      await queue.enqueue(messages);
    },
    consume: ({ onRequested, ...options }) =>
      queue.consume({
        ...options,
        onRequested: (message) => {
          waits.observe(Math.max(0, clock.nowMs() - message.requestedAtMs) / 1_000);
          return onRequested(message);
        },
      }),
    depth: () => queue.depth(),
  };
}
