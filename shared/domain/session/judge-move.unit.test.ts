import { describe, expect, test } from '@jest/globals';
import { deciderSpecification } from '../../testing/decider-specification.ts';
import { sampleIds, samplePlannedCall } from '../../testing/sample-commands.ts';
import {
  sampleAttemptFailed,
  sampleClaimed,
  sampleCompleted,
  sampleEnded,
  sampleMoveAccepted,
  sampleMoveRejected,
  sampleRequested,
  sampleStarted,
} from '../../testing/sample-events.ts';
import { turnOf } from './effective-history.ts';
import { evolveSession } from './evolve-session.ts';
import { type JudgeMove, judgeMove } from './judge-move.ts';
import { initialSession } from './state.ts';
import { MOVE_INVALID } from './turn-state.ts';

const { given, stateAfter } = deciderSpecification({ initial: initialSession, evolve: evolveSession });
const { turn, nextCall } = sampleIds;
const open = [sampleStarted(), sampleRequested(), sampleClaimed()];
const proposed = [...open, sampleCompleted({ move: { verb: 'go' } })];
const accept: JudgeMove = { turnId: turn, verdict: { verdict: 'accepted', stateRev: 8 } };
const reject: JudgeMove = { turnId: turn, verdict: { verdict: 'rejected', reason: 'The door is locked.' } };

describe('judgeMove', () => {
  test('a legal move is recorded with the state that it led to', () => {
    given(...proposed)
      .when(judgeMove, accept)
      .thenAppends(sampleMoveAccepted());
  });

  test('an illegal one is recorded with the reason', () => {
    given(...proposed)
      .when(judgeMove, reject)
      .thenAppends(sampleMoveRejected());
  });

  test('a verdict may come after the session has ended', () => {
    given(...proposed, sampleEnded())
      .when(judgeMove, reject)
      .thenAppends(sampleMoveRejected());
  });

  test('the same verdict again changes nothing, whatever was guarded', () => {
    given(...proposed, sampleMoveAccepted())
      .when(judgeMove, { ...accept, expectedRevision: 3 })
      .thenUnchanged();
    given(...proposed, sampleMoveRejected())
      .when(judgeMove, { ...reject, recordedReason: 'The door is locked.' })
      .thenUnchanged();
  });

  test.each([
    ['the other verdict', sampleMoveAccepted(), reject],
    ['the other verdict, the other way', sampleMoveRejected(), accept],
    ['another state', sampleMoveAccepted({ stateRev: 7 }), accept],
    ['another reason', sampleMoveRejected(), { ...reject, recordedReason: 'It is raining.' }],
    ['a reason that was erased', sampleMoveRejected(), { ...reject, recordedReason: null }],
  ] as const)('%s is refused', (_what, recorded, command) => {
    given(...proposed, recorded)
      .when(judgeMove, command)
      .thenRefused('move_already_judged', turn);
  });

  test.each([
    ['a turn without a move', [...open, sampleCompleted()]],
    ['a turn that is open', open],
  ])('%s has nothing to judge', (_what, events) => {
    given(...events)
      .when(judgeMove, accept)
      .thenRefused('turn_without_move', turn);
  });

  test('an unknown turn is refused', () => {
    given(sampleStarted()).when(judgeMove, accept).thenRefused('turn_not_found');
  });

  test('a guard that does not hold is refused', () => {
    given(...proposed)
      .when(judgeMove, { ...accept, expectedRevision: 2 })
      .thenRefused('session_revision_mismatch', turn);
  });
});

describe('an attempt whose move was not valid', () => {
  const invalid = sampleAttemptFailed({ code: MOVE_INVALID, reply: 'I go.', retryInMs: 0 });
  const second = sampleClaimed({ attempt: 2, calls: [samplePlannedCall(nextCall)] });

  test('is what the next attempt corrects', () => {
    expect(turnOf(stateAfter(...open, invalid), turn)?.invalidMove).toEqual({ attempt: 1, revision: 3 });
  });

  test('stays so when the correction fails, so that there is one', () => {
    const again = sampleAttemptFailed({ code: MOVE_INVALID, attempt: 2, callId: nextCall });
    const state = stateAfter(...open, invalid, second, again);
    expect(turnOf(state, turn)?.invalidMove).toEqual({ attempt: 1, revision: 3 });
  });
});
