import { describe, expect, test } from '@jest/globals';
import { deciderSpecification } from '../../testing/decider-specification.ts';
import { sampleCompletion, sampleIds, samplePlannedCall } from '../../testing/sample-commands.ts';
import {
  sampleAttemptFailed,
  sampleCancelled,
  sampleClaimed,
  sampleCompleted,
  sampleEnded,
  sampleRequested,
  sampleSettled,
  sampleStarted,
  sampleTimedOut,
} from '../../testing/sample-events.ts';
import { completeTurn } from './complete-turn.ts';
import { turnOf } from './effective-history.ts';
import { evolveSession } from './evolve-session.ts';
import { initialSession } from './state.ts';

const { given, stateAfter } = deciderSpecification({ initial: initialSession, evolve: evolveSession });
const { turn, call, nextCall } = sampleIds;
const claimed = [sampleStarted(), sampleRequested(), sampleClaimed()];
const workerLost = sampleAttemptFailed({ code: 'worker_lost' });
const second = { attempt: 2, worker: 'worker-2', calls: [samplePlannedCall(nextCall)] } as const;
const takenOver = [...claimed, workerLost, sampleClaimed(second)];

describe('completeTurn', () => {
  test('the current attempt gives the turn its reply', () => {
    given(...claimed)
      .when(completeTurn, sampleCompletion())
      .thenAppends(sampleCompleted());
  });

  test('no price known is recorded as none, not as free', () => {
    const { costMicroUsd: _unknown, ...unpriced } = sampleCompleted().data;
    given(...claimed)
      .when(completeTurn, sampleCompletion({ cost: { priceTable: 'none' } }))
      .thenAppends({ type: 'TurnCompleted', data: { ...unpriced, priceTable: 'none' } });
  });

  test('the attempt that took over gives the reply', () => {
    given(...takenOver)
      .when(completeTurn, sampleCompletion({ attempt: 2, callId: nextCall }))
      .thenAppends(sampleCompleted({ attempt: 2, callId: nextCall }));
  });

  test.each([
    ['cancelled', sampleCancelled({ attempt: 1 }), 'cancelled'],
    ['timed_out', sampleTimedOut({ attempt: 1 }), 'timed_out'],
  ] as const)('a reply after the turn was %s is settled, not shown', (_status, ending, outcome) => {
    given(...claimed, ending)
      .when(completeTurn, sampleCompletion())
      .thenAppends(sampleSettled({ outcome }));
  });

  test('a reply after the session was ended is settled all the same', () => {
    given(...claimed, sampleCancelled({ attempt: 1, reason: 'session_ended' }), sampleEnded())
      .when(completeTurn, sampleCompletion())
      .thenAppends(sampleSettled({ outcome: 'cancelled' }));
  });

  test('a reply of a lost worker while another attempt runs is settled as lost (rule 4)', () => {
    given(...takenOver)
      .when(completeTurn, sampleCompletion())
      .thenAppends(sampleSettled({ outcome: 'lost' }));
  });

  test('a reply of a lost worker after the other attempt has completed is settled as lost', () => {
    given(...takenOver, sampleCompleted({ attempt: 2, callId: nextCall }))
      .when(completeTurn, sampleCompletion())
      .thenAppends(sampleSettled({ outcome: 'lost' }));
  });

  test('a reply of a lost worker does not end the turn before the next attempt begins either', () => {
    given(...claimed, workerLost)
      .when(completeTurn, sampleCompletion())
      .thenAppends(sampleSettled({ outcome: 'late' }));
  });

  test('a late reply is settled once, never twice', () => {
    given(...claimed, sampleCancelled({ attempt: 1 }), sampleSettled({ outcome: 'cancelled' }))
      .when(completeTurn, sampleCompletion())
      .thenRefused('turn_already_ended', turn);
  });

  test('completing twice is refused: the reply carried the cost', () => {
    given(...claimed, sampleCompleted())
      .when(completeTurn, sampleCompletion())
      .thenRefused('turn_already_ended', turn);
  });

  test('a reply of an attempt that was recorded as failed is refused', () => {
    given(...claimed, sampleAttemptFailed({ retryInMs: 250 }))
      .when(completeTurn, sampleCompletion())
      .thenRefused('turn_already_ended', turn);
  });

  test('a reply before any claim is refused', () => {
    given(sampleStarted(), sampleRequested())
      .when(completeTurn, sampleCompletion())
      .thenRefused('turn_already_ended', turn);
  });

  test('a reply by a call that the attempt never announced is refused: it has no record to pay for', () => {
    given(...claimed)
      .when(completeTurn, sampleCompletion({ callId: nextCall }))
      .thenRefused('turn_already_ended', turn);
    given(...takenOver)
      .when(completeTurn, sampleCompletion({ attempt: 2 }))
      .thenRefused('turn_already_ended', turn);
  });

  test('an unknown turn is refused', () => {
    given(sampleStarted()).when(completeTurn, sampleCompletion()).thenRefused('turn_not_found');
  });

  test('the reply closes the turn and settles its call', () => {
    const state = stateAfter(...claimed, sampleCompleted({ callId: call }));
    expect(turnOf(state, turn)).toMatchObject({ status: 'completed', unsettled: [] });
    expect(state).not.toHaveProperty('openTurnId');
  });
});
