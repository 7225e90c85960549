import { expect, test } from '@jest/globals';
import { checkAccounted } from './check-accounted.ts';
import type { Evidence, LoggedEvent } from './history.ts';

const turnId = '01890000-0000-7000-8000-0000000000a1';
const worker = 'worker-1';
const callId = 'call-1';

/** What this looks at of an event, and no more. */
const event = (type: string, data: object, actor = 'game', loggedAtMs = 1_000): LoggedEvent =>
  ({
    stream: 'session-01890000-0000-7000-8000-000000000001',
    type,
    position: 1n,
    revision: 1,
    loggedAtMs,
    metadata: { actor },
    opened: { type, data: { turnId, ...data } },
  }) as unknown as LoggedEvent;
const claimed = [
  event('TurnRequested', {}),
  event('TurnStarted', { attempt: 1, worker, calls: [{ callId }] }, `system:${worker}`),
];
const givenUpBy = (by: string) =>
  event('TurnAttemptFailed', { attempt: 1, callId, code: 'worker_lost' }, `system:${by}`, 9_000);

const sentences = (evidence: {
  log: readonly LoggedEvent[];
  calls?: readonly string[];
  killsAtMs?: readonly number[];
}) => {
  const { log, calls = [], killsAtMs = [] } = evidence;
  const made = calls.map((one) => ({ callId: one }));
  return checkAccounted({ log, calls: made, killsAtMs } as unknown as Evidence).map(({ sentence }) => sentence);
};
const lostAlive = 'an attempt was given up as lost though no process died under it';

test('an attempt may be given up when a process died under it', () => {
  expect(sentences({ log: [...claimed, givenUpBy('worker-2')], calls: [callId], killsAtMs: [5_000] })).toEqual([]);
});

test('an attempt of another worker that lives may not, whether its call was made or not', () => {
  expect(sentences({ log: [...claimed, givenUpBy('worker-2')] })).toEqual([lostAlive]);
  expect(sentences({ log: [...claimed, givenUpBy('worker-2')], calls: [callId] })).toEqual([lostAlive]);
});

test('a worker may give up a claim of its own while it has made no call, and not afterwards', () => {
  expect(sentences({ log: [...claimed, givenUpBy(worker)] })).toEqual([]);
  expect(sentences({ log: [...claimed, givenUpBy(worker)], calls: [callId] })).toEqual([lostAlive]);
});
