import { createRequire } from 'node:module';
import { beforeAll, expect, test } from '@jest/globals';
import { calmRequestQueues, type RequestQueue } from './calm-request-queue.ts';

interface ClientsQueue extends RequestQueue {
  pending: object[];
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  maybeThrottle(forMs: number): void;
  destroy(): void;
}

const Queue: new (options: object) => ClientsQueue = createRequire(import.meta.url)(
  'kafkajs/src/network/requestQueue/index.js',
);
const logger = { namespace: () => logger, debug: () => undefined };
const open = () => new Queue({ maxInFlightRequests: 1, requestTimeout: 1_000, clientId: 'c', broker: 'b', logger });

beforeAll(calmRequestQueues);

test('a queue with nothing to send asks for no look at itself', () => {
  const queue = open();
  queue.checkPendingRequests();
  expect(queue.throttleCheckTimeoutId).toBeNull();
});

test('one that has to wait is looked at again, sends what it has and falls asleep', async () => {
  const queue = open();
  queue.maybeThrottle(20);
  const sent = new Promise<void>((resolve) => {
    queue.pending.push({ expectResponse: true, correlationId: 1, send: () => resolve() });
  });
  queue.checkPendingRequests();
  expect(queue.throttleCheckTimeoutId).not.toBeNull();
  await sent;
  expect(queue.pending).toEqual([]);
  expect(queue.throttleCheckTimeoutId).toBeNull();
});

test('asked for twice, it is done once', () => {
  const { scheduleCheckPendingRequests } = Object.getPrototypeOf(open());
  calmRequestQueues();
  expect(Object.getPrototypeOf(open()).scheduleCheckPendingRequests).toBe(scheduleCheckPendingRequests);
});
