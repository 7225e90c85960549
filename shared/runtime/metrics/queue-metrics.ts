import { Histogram, type Registry } from 'prom-client';
import type { Clock, TurnQueue } from '../../ports/index.ts';
import { buckets } from './buckets.ts';
import { readGauge } from './read-gauge.ts';

/** The same queue with its depth, the turns that are open, and how long each waited for a worker. */
export function meteredQueue(registry: Registry, clock: Clock, queue: TurnQueue): TurnQueue {
  // By id, since a message may come twice: a turn is open from its request to its ending, however often either is told.
  const open = new Set<string>();
  readGauge(registry, 'turnledger_queue_depth', 'Messages that wait for a worker.', () => queue.depth());
  readGauge(registry, 'turnledger_open_turns', 'Turns that were requested and have not ended.', () => open.size);
  const waits = new Histogram({
    name: 'turnledger_queue_wait_seconds',
    help: 'From the record of a request to a worker that takes it.',
    buckets: [...buckets.store],
    registers: [registry],
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
