import { describe, expect, test } from '@jest/globals';
import { deciderSpecification } from '../../testing/decider-specification.ts';
import { sampleClaim, sampleIds, samplePlannedCall } from '../../testing/sample-commands.ts';
import {
  sampleAttemptFailed,
  sampleCancelled,
  sampleClaimed,
  sampleCompleted,
  sampleFailed,
  sampleRequested,
  sampleStarted,
  sampleTimedOut,
} from '../../testing/sample-events.ts';
import { claimTurn } from './claim-turn.ts';
import { turnOf } from './effective-history.ts';
import { evolveSession } from './evolve-session.ts';
import { initialSession } from './state.ts';

const { given, stateAfter } = deciderSpecification({ initial: initialSession, evolve: evolveSession });
const { turn, call, nextCall } = sampleIds;
const requested = [sampleStarted(), sampleRequested()];
const claimed = [...requested, sampleClaimed()];
const second = { attempt: 2, worker: 'worker-2', calls: [samplePlannedCall(nextCall)] } as const;
const workerLost = sampleAttemptFailed({ code: 'worker_lost' });

describe('claimTurn', () => {
  test('the first claim records worker, lease, calls and prompt (rules 4 and 9)', () => {
    given(...requested)
      .when(claimTurn, sampleClaim())
      .thenAppends(sampleClaimed());
  });

  test('after an attempt that failed, the next claim needs no proof of loss', () => {
    given(...claimed, sampleAttemptFailed({ retryInMs: 0 }))
      .when(claimTurn, sampleClaim(second))
      .thenAppends(sampleClaimed(second));
  });

  test('a held turn is refused, also to its own holder', () => {
    given(...claimed)
      .when(claimTurn, sampleClaim(second))
      .thenRefused('turn_held', turn);
    given(...claimed)
      .when(claimTurn, sampleClaim({ attempt: 2 }))
      .thenRefused('turn_held', turn);
  });

  test('takeover from a lost worker is one append: the loss, then the next attempt', () => {
    given(...claimed)
      .when(claimTurn, sampleClaim({ ...second, holderIsLost: true }))
      .thenAppends(workerLost, sampleClaimed(second));
  });

  test('takeover when no attempt is left ends the turn, with its fallback line', () => {
    given(...claimed)
      .when(claimTurn, sampleClaim({ ...second, holderIsLost: true, maxAttempts: 1, fallback: 'The wind howls.' }))
      .thenAppends(workerLost, sampleFailed({ code: 'worker_lost', fallback: 'The wind howls.' }));
  });

  test('takeover when no attempt is left and there is no line ends the turn without one', () => {
    given(...claimed)
      .when(claimTurn, sampleClaim({ ...second, holderIsLost: true, maxAttempts: 1 }))
      .thenAppends(workerLost, sampleFailed({ code: 'worker_lost' }));
  });

  test('the last allowed attempt still starts', () => {
    given(...claimed)
      .when(claimTurn, sampleClaim({ ...second, holderIsLost: true, maxAttempts: 2 }))
      .thenAppends(workerLost, sampleClaimed(second));
  });

  test('a proof of loss that is about an earlier holder takes nothing over', () => {
    const takenOver = [...claimed, workerLost, sampleClaimed(second)];
    given(...takenOver)
      .when(claimTurn, sampleClaim({ ...second, worker: 'worker-3', holderIsLost: true }))
      .thenRefused('attempt_superseded', turn);
  });

  test('an attempt that is not the newest plus one is refused', () => {
    given(...requested)
      .when(claimTurn, sampleClaim({ attempt: 2 }))
      .thenRefused('attempt_superseded', turn);
    given(...requested)
      .when(claimTurn, sampleClaim({ attempt: 0 }))
      .thenRefused('attempt_superseded', turn);
    given(...claimed, sampleAttemptFailed({ retryInMs: 0 }))
      .when(claimTurn, sampleClaim())
      .thenRefused('attempt_superseded', turn);
  });

  test.each([
    ['completed', sampleCompleted()],
    ['failed', sampleFailed()],
    ['cancelled', sampleCancelled({ attempt: 1 })],
    ['timed out', sampleTimedOut({ attempt: 1 })],
  ])('a %s turn is refused, whatever the proof', (_ending, ending) => {
    given(...claimed, ending)
      .when(claimTurn, sampleClaim({ ...second, holderIsLost: true }))
      .thenRefused('turn_already_ended', turn);
  });

  test('an unknown turn is refused', () => {
    given(sampleStarted()).when(claimTurn, sampleClaim()).thenRefused('turn_not_found');
  });

  test("a lost worker's call stays unsettled: it may still come in", () => {
    const state = stateAfter(...claimed, workerLost, sampleClaimed(second));
    expect(turnOf(state, turn)?.unsettled).toEqual([
      { attempt: 1, callId: call },
      { attempt: 2, callId: nextCall },
    ]);
  });
});
