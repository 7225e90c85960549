import { expect, test } from '@jest/globals';
import type { LoggedEvent, ModelCall } from '@turnledger/shared/testing/history-checker';
import { lostCalls } from './lost-calls.ts';

const turnId = '01890000-0000-7000-8000-000000000001';

const call = (attempt: number): ModelCall => ({ model: 'twin-1', callId: `call-${attempt}`, atMs: 0, messages: [] });

/** What this looks at of an event, and no more. */
const event = (type: string, data: object): LoggedEvent =>
  ({ type, opened: { type, data: { turnId, ...data } } }) as unknown as LoggedEvent;

const started = (attempt: number) => event('TurnStarted', { attempt, calls: [{ callId: `call-${attempt}` }] });
const takenOver = event('TurnAttemptFailed', { attempt: 1, code: 'worker_lost', callId: 'call-1' });
const completed = (attempt: number) => event('TurnCompleted', { attempt, callId: `call-${attempt}` });

const attemptsLostIn = (log: readonly LoggedEvent[], calls: readonly ModelCall[]) =>
  lostCalls({ log, calls }).map(({ attempt }) => attempt);

test('a call whose reply was recorded is not lost', () => {
  expect(attemptsLostIn([started(1), completed(1)], [call(1)])).toEqual([]);
});

test('the call of an attempt that was taken over is, and the one that followed is not', () => {
  const log = [started(1), takenOver, started(2), completed(2)];
  expect(attemptsLostIn(log, [call(1), call(2)])).toEqual([1]);
});

test('an attempt that died before its call has lost none', () => {
  const log = [started(1), takenOver, started(2), completed(2)];
  expect(attemptsLostIn(log, [call(2)])).toEqual([]);
});

test('a call of which no event says anything is lost too', () => {
  expect(attemptsLostIn([started(1), event('TurnTimedOut', {})], [call(1)])).toEqual([1]);
});
