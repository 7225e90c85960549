import { describe, expect, test } from '@jest/globals';
import { deciderSpecification } from '../../testing/decider-specification.ts';
import { sampleIds, sampleRequest, sampleRerunStart, sampleReuse } from '../../testing/sample-commands.ts';
import {
  sampleAttemptFailed,
  sampleCancelled,
  sampleClaimed,
  sampleCompleted,
  sampleFailed,
  sampleForked,
  sampleRequested,
  sampleRerunStarted,
  sampleReused,
  sampleStarted,
} from '../../testing/sample-events.ts';
import { claimTurn } from './claim-turn.ts';
import { historyLength, newestTurnId, turnOf } from './effective-history.ts';
import { evolveSession } from './evolve-session.ts';
import { carryCancelledTurn, type RepeatTurn, repeatTurn, reuseTurn, startRerunSession } from './repeat-turns.ts';
import { requestTurn } from './request-turn.ts';
import { initialSession } from './state.ts';

const { given, stateAfter } = deciderSpecification({ initial: initialSession, evolve: evolveSession });
const { turn, nextTurn, parentTurn } = sampleIds;
const { lineage, parentHash } = sampleForked().data;
const asked = [sampleRerunStarted(), sampleRequested()] as const;

describe('startRerunSession', () => {
  test('opens a session, and leaves one that is there as it is', () => {
    given().when(startRerunSession, sampleRerunStart()).thenAppends(sampleRerunStarted());
    given(...asked)
      .when(startRerunSession, sampleRerunStart())
      .thenUnchanged();
    given(sampleStarted()).when(startRerunSession, sampleRerunStart()).thenUnchanged();
  });

  test('with no past begins at the first place', () => {
    const state = stateAfter(sampleRerunStarted());
    expect(state).toMatchObject({ status: 'open', keyId: sampleIds.key, lineage: [] });
    expect(state).not.toHaveProperty('inherited');
    expect({ length: historyLength(state), newest: newestTurnId(state) }).toEqual({ length: 0, newest: undefined });
    given(sampleRerunStarted()).when(requestTurn, sampleRequest()).thenAppends(sampleRequested());
  });

  test('with a past goes on behind it, under the version that it was started with', () => {
    const started = sampleRerunStarted({ lineage, parentHash, scenarioVersion: 2 });
    given(started)
      .when(requestTurn, sampleRequest())
      .thenAppends(sampleRequested({ position: 3, scenarioVersion: 2 }));
    const state = stateAfter(started, sampleRequested({ position: 3, scenarioVersion: 2 }));
    expect(state).toMatchObject({ lineage, inherited: { turnId: parentTurn, position: 2 } });
    expect(turnOf(state, turn)).toMatchObject({ position: 3, previousTurnId: parentTurn });
    expect(historyLength(state)).toBe(3);
  });

  test('keeps the game of its source, and has none where that has none', () => {
    expect(stateAfter(sampleRerunStarted({ gameId: 'chess' })).gameId).toBe('chess');
    expect(stateAfter(sampleRerunStarted())).not.toHaveProperty('gameId');
  });
});

describe('repeatTurn', () => {
  const { position: _next, ...command } = sampleRequested().data as RepeatTurn & { position: number };

  test('asks at the next place under the version that it names, and once', () => {
    given(sampleRerunStarted({ lineage, parentHash }))
      .when(repeatTurn, { ...command, scenarioVersion: 3 })
      .thenAppends(sampleRequested({ position: 3, scenarioVersion: 3 }));
    given(...asked)
      .when(repeatTurn, command)
      .thenUnchanged();
  });

  test('is refused while another turn is open, and without a session', () => {
    given(...asked)
      .when(repeatTurn, { ...command, turnId: nextTurn })
      .thenRefused('turn_open', turn);
    given().when(repeatTurn, command).thenRefused('session_not_found');
  });
});

describe('carryCancelledTurn', () => {
  const { position: _next, ...command } = sampleRequested().data as RepeatTurn & { position: number };
  const cancelled = { turnId: turn, by: 'system:runner', reason: 'requested', partial: 'I was' } as const;

  test('has its place and what had been said of it, at once', () => {
    given(sampleRerunStarted())
      .when(carryCancelledTurn, { ...command, by: 'system:runner', partial: 'I was' })
      .thenAppends(sampleRequested(), { type: 'TurnCancelled', data: cancelled });
  });

  test('is carried once', () => {
    given(...asked, { type: 'TurnCancelled', data: cancelled })
      .when(carryCancelledTurn, { ...command, by: 'system:runner' })
      .thenUnchanged();
  });
});

describe('reuseTurn', () => {
  test('gives a turn that nobody has claimed its recorded reply', () => {
    given(...asked)
      .when(reuseTurn, sampleReuse({ move: { verb: 'go' } }))
      .thenAppends(sampleReused({ move: { verb: 'go' } }));
  });

  test('is refused once somebody has claimed it, and between two attempts', () => {
    given(...asked, sampleClaimed())
      .when(reuseTurn, sampleReuse())
      .thenRefused('turn_held');
    given(...asked, sampleClaimed(), sampleAttemptFailed({ retryInMs: 0 }))
      .when(reuseTurn, sampleReuse())
      .thenRefused('turn_held');
  });

  test('is refused for a turn that is not there', () => {
    given(sampleRerunStarted()).when(reuseTurn, sampleReuse()).thenRefused('turn_not_found');
  });

  test.each([
    ['reused', [sampleReused()]],
    ['completed', [sampleClaimed(), sampleCompleted()]],
    ['failed', [sampleClaimed(), sampleAttemptFailed(), sampleFailed()]],
    ['cancelled', [sampleCancelled()]],
  ] as const)('leaves a turn as it is that was %s', (_ending, events) => {
    given(...asked, ...events)
      .when(reuseTurn, sampleReuse())
      .thenUnchanged();
  });

  test('ends the turn: it is completed, nobody may claim it, and the next one stands behind it', () => {
    const state = stateAfter(...asked, sampleReused());
    expect(state).not.toHaveProperty('openTurnId');
    expect(turnOf(state, turn)).toMatchObject({ status: 'completed', attempt: 0, unsettled: [], lastRevision: 2 });
    expect(turnOf(state, turn)).not.toHaveProperty('move');
    const { turnId, attempt, worker, leaseMs, calls, prompt } = sampleClaimed().data;
    const claim = { turnId, attempt, worker, leaseMs, calls, prompt, maxAttempts: 3, holderIsLost: false };
    given(...asked, sampleReused())
      .when(claimTurn, claim)
      .thenRefused('turn_already_ended', turn);
    given(...asked, sampleReused())
      .when(requestTurn, sampleRequest({ turnId: nextTurn }))
      .thenAppends(sampleRequested({ turnId: nextTurn, position: 2 }));
  });

  test('leaves a move of the recorded reply without a verdict', () => {
    const state = stateAfter(...asked, sampleReused({ move: { verb: 'go' } }));
    expect(turnOf(state, turn)).toMatchObject({ move: { verdict: 'none' } });
  });
});
