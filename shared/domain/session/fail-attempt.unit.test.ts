import { describe, expect, test } from '@jest/globals';
import { deciderSpecification } from '../../testing/decider-specification.ts';
import { sampleCost, sampleFailure, sampleIds, samplePlannedCall, sampleUsage } from '../../testing/sample-commands.ts';
import {
  sampleAttemptFailed,
  sampleCancelled,
  sampleClaimed,
  sampleFailed,
  sampleRequested,
  sampleSettled,
  sampleStarted,
  sampleTimedOut,
} from '../../testing/sample-events.ts';
import { turnOf } from './effective-history.ts';
import { evolveSession } from './evolve-session.ts';
import { failAttempt, settleOnly } from './fail-attempt.ts';
import { initialSession } from './state.ts';

const { given, stateAfter } = deciderSpecification({ initial: initialSession, evolve: evolveSession });
const { turn, call, nextCall } = sampleIds;
const claimed = [sampleStarted(), sampleRequested(), sampleClaimed()];
const takenOver = [
  ...claimed,
  sampleAttemptFailed({ code: 'worker_lost' }),
  sampleClaimed({ attempt: 2, worker: 'worker-2', calls: [samplePlannedCall(nextCall)] }),
];
const paid = { usage: sampleUsage, cost: sampleCost } as const;
const spent = { usage: sampleUsage, costMicroUsd: sampleCost.costMicroUsd } as const;

describe('failAttempt', () => {
  test('with a retry it records the attempt alone', () => {
    given(...claimed)
      .when(failAttempt, sampleFailure({ retryInMs: 250, providerStatus: 529 }))
      .thenAppends(sampleAttemptFailed({ retryInMs: 250, providerStatus: 529 }));
  });

  test('a retry at once (0 ms) is a retry', () => {
    given(...claimed)
      .when(failAttempt, sampleFailure({ retryInMs: 0 }))
      .thenAppends(sampleAttemptFailed({ retryInMs: 0 }));
  });

  test('without a retry the turn fails in the same append, with its fallback line', () => {
    given(...claimed)
      .when(failAttempt, sampleFailure({ fallback: 'The wind howls.' }))
      .thenAppends(sampleAttemptFailed(), sampleFailed({ fallback: 'The wind howls.' }));
  });

  test('what had been said and what was paid is recorded', () => {
    given(...claimed)
      .when(failAttempt, sampleFailure({ partial: 'A fr', ...paid }))
      .thenAppends(sampleAttemptFailed({ reply: 'A fr', ...spent }), sampleFailed({ partial: 'A fr', ...spent }));
  });

  test('what a player would not have been shown of it stays with the attempt', () => {
    given(...claimed)
      .when(failAttempt, sampleFailure({ partial: 'I go.', reply: 'I go.\n```move\n{}' }))
      .thenAppends(sampleAttemptFailed({ reply: 'I go.\n```move\n{}' }), sampleFailed({ partial: 'I go.' }));
  });

  test('with a retry the claim is free and the call settled', () => {
    const state = stateAfter(...claimed, sampleAttemptFailed({ retryInMs: 250 }));
    expect(turnOf(state, turn)).toMatchObject({ status: 'started', attempt: 1, unsettled: [] });
    expect(turnOf(state, turn)).not.toHaveProperty('worker');
  });

  test('a failure told twice is refused the second time', () => {
    given(...claimed, sampleAttemptFailed({ retryInMs: 250 }))
      .when(failAttempt, sampleFailure({ retryInMs: 250, ...paid }))
      .thenRefused('turn_already_ended', turn);
  });

  test('a superseded attempt settles what it paid, and the new one runs on (rule 4)', () => {
    given(...takenOver)
      .when(failAttempt, sampleFailure(paid))
      .thenAppends(sampleSettled({ outcome: 'lost' }));
  });

  test('after the ending only what was paid is recorded', () => {
    given(...claimed, sampleCancelled({ attempt: 1 }))
      .when(failAttempt, sampleFailure({ ...paid, retryInMs: 250 }))
      .thenAppends(sampleSettled({ outcome: 'cancelled' }));
  });

  test('after the ending, an attempt that paid nothing known is refused', () => {
    given(...claimed, sampleTimedOut({ attempt: 1 }))
      .when(failAttempt, sampleFailure())
      .thenRefused('turn_already_ended', turn);
  });

  test('an attempt cannot fail by the call of another attempt', () => {
    given(...takenOver)
      .when(failAttempt, sampleFailure({ attempt: 2, callId: call }))
      .thenRefused('turn_already_ended', turn);
  });

  test('an unknown turn is refused', () => {
    given(sampleStarted()).when(failAttempt, sampleFailure()).thenRefused('turn_not_found');
  });
});

describe('settleOnly', () => {
  const settle = { turnId: turn, attempt: 1, callId: call, ...paid } as const;

  test('a call of a lost worker whose turn failed is late', () => {
    given(...claimed, sampleAttemptFailed({ code: 'worker_lost' }), sampleFailed({ code: 'worker_lost' }))
      .when(settleOnly, settle)
      .thenAppends(sampleSettled({ outcome: 'late' }));
  });

  test('a call is settled once, not twice', () => {
    given(...takenOver, sampleSettled({ outcome: 'lost' }))
      .when(settleOnly, settle)
      .thenRefused('turn_already_ended', turn);
  });

  test('a call that was never announced is not settled', () => {
    given(...takenOver)
      .when(settleOnly, { ...settle, callId: 'unheard of' })
      .thenRefused('turn_already_ended', turn);
  });

  test("the running attempt's call cannot be settled under another attempt: its ending would count it again", () => {
    given(...takenOver)
      .when(settleOnly, { ...settle, callId: nextCall })
      .thenRefused('turn_already_ended', turn);
  });

  test('settling changes neither status nor holder', () => {
    const before = turnOf(stateAfter(...takenOver), turn);
    const after = turnOf(stateAfter(...takenOver, sampleSettled({ outcome: 'lost' })), turn);
    expect(after).toEqual({ ...before, lastRevision: 5, unsettled: [{ attempt: 2, callId: nextCall }] });
  });
});
