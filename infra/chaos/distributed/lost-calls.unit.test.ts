import { expect, test } from '@jest/globals';
import {
  type HistoryEntry,
  type LoggedEvent,
  type ModelCall,
  turnIdOfKey,
} from '@turnledger/shared/testing/history-checker';
import { lostCalls } from './lost-calls.ts';

const sessionId = '01890000-0000-7000-8000-000000000001';
const turnId = turnIdOfKey(sessionId, 'a key');
const words = 'a key: what do you say?';
const startMs = Date.parse('2026-01-01T00:00:00Z');

const asked: HistoryEntry = {
  process: 'client-1',
  op: 'turn',
  key: 'a key',
  type: 'invoke',
  value: { sessionId, prompt: words },
  t: startMs,
};
const call = (afterMs: number): ModelCall => ({
  model: 'twin-1',
  atMs: startMs + afterMs,
  messages: [{ role: 'user', content: words }],
});

/** What this looks at of an event, and no more. */
const event = (type: string, afterMs: number, data: object): LoggedEvent =>
  ({
    type,
    metadata: { recordedAt: new Date(startMs + afterMs).toISOString() },
    opened: { type, data: { turnId, ...data } },
  }) as unknown as LoggedEvent;

const started = (attempt: number, afterMs: number) =>
  event('TurnStarted', afterMs, { attempt, calls: [{ callId: `call-${attempt}` }] });
const takenOver = event('TurnAttemptFailed', 6_000, { attempt: 1, code: 'worker_lost', callId: 'call-1' });
const completed = (attempt: number) => event('TurnCompleted', 7_000, { attempt, callId: `call-${attempt}` });

const attemptsLostIn = (log: readonly LoggedEvent[], calls: readonly ModelCall[]) =>
  lostCalls({ history: [asked], log, calls }).map(({ attempt }) => attempt);

test('a call whose reply was recorded is not lost', () => {
  expect(attemptsLostIn([started(1, 0), completed(1)], [call(10)])).toEqual([]);
});

test('the call of an attempt that was taken over is, and the one that followed is not', () => {
  const log = [started(1, 0), takenOver, started(2, 6_000), completed(2)];
  expect(attemptsLostIn(log, [call(10), call(6_010)])).toEqual([1]);
});

test('an attempt that died before its call has lost none', () => {
  const log = [started(1, 0), takenOver, started(2, 6_000), completed(2)];
  expect(attemptsLostIn(log, [call(6_010)])).toEqual([]);
});

test('a call of which no event says anything is lost too', () => {
  expect(attemptsLostIn([started(1, 0), event('TurnTimedOut', 9_000, {})], [call(10)])).toEqual([1]);
});
