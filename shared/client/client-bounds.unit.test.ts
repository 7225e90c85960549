import { expect, test } from '@jest/globals';
import { limits } from '../contracts/index.ts';
import { clientBounds, defaultRetryPolicy } from './client-bounds.ts';

const { http, sse, scenario, worker, expiry } = limits;

test('what the service has as well is the same here', () => {
  expect(clientBounds).toMatchObject({
    heartbeatMs: sse.heartbeatMs,
    reconnectMs: sse.retryMs,
    maxIdempotencyKeyChars: http.maxIdempotencyKeyChars,
    maxPageRows: http.maxPageRows,
  });
});

test('a stream is silent for three heartbeats before it counts as dead', () => {
  expect(defaultRetryPolicy.silenceMs).toBe(3 * sse.heartbeatMs);
});

test('an answer is waited for longer than the service may take', () => {
  expect(clientBounds.turnAnswerMs).toBeGreaterThan(scenario.maxDeadlineMs + http.waitGraceMs + expiry.workerGraceMs);
  expect(clientBounds.answerMs).toBeGreaterThan(http.maxViewWaitMs + limits.log.readTimeoutMs);
});

test('the longest ending fits into an event, each of its bytes written as six', () => {
  expect(6 * (2 * worker.maxReplyBytes + http.maxPromptBytes)).toBeLessThan(clientBounds.maxEventChars);
});
