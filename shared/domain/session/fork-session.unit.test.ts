import { describe, expect, test } from '@jest/globals';
import { deciderSpecification } from '../../testing/decider-specification.ts';
import { sampleFork, sampleIds } from '../../testing/sample-commands.ts';
import {
  sampleClaimed,
  sampleCompleted,
  sampleEnded,
  sampleForked,
  sampleRequested,
  sampleRewound,
  sampleStarted,
} from '../../testing/sample-events.ts';
import { historyLength, newestTurnId, turnOf } from './effective-history.ts';
import { evolveSession } from './evolve-session.ts';
import { forkSession, lineageThrough } from './fork-session.ts';
import { initialSession, type SessionState } from './state.ts';

const { given, stateAfter } = deciderSpecification({ initial: initialSession, evolve: evolveSession });
const { session, turn, nextTurn, parent, parentTurn, olderParentTurn } = sampleIds;
const first = [sampleStarted(), sampleRequested(), sampleClaimed(), sampleCompleted()] as const;
const second = [
  sampleRequested({ turnId: nextTurn, position: 2 }),
  sampleClaimed({ turnId: nextTurn }),
  sampleCompleted({ turnId: nextTurn }),
] as const;
const fork = [sampleForked(), sampleRequested({ position: 3 }), sampleClaimed(), sampleCompleted()] as const;

const lineageAt = (state: SessionState, turnId: string, changes: { position?: number; maxSegments?: number } = {}) => {
  const { position, maxSegments = 32 } = changes;
  const inherited = position === undefined ? undefined : { turnId, position };
  return lineageThrough({ sessionId: session, state, turnId, inherited, maxSegments });
};

describe('forkSession', () => {
  test('opens a session that goes on at the place behind its parent’s turn', () => {
    given().when(forkSession, sampleFork()).thenAppends(sampleForked());
    const state = stateAfter(...fork);
    expect({ length: historyLength(state), newest: newestTurnId(state) }).toEqual({ length: 3, newest: turn });
    expect(turnOf(state, turn)).toMatchObject({ position: 3, previousTurnId: parentTurn });
  });

  test('the same request again changes nothing; another under its key is refused', () => {
    given(sampleForked()).when(forkSession, sampleFork()).thenUnchanged();
    given(sampleForked())
      .when(forkSession, sampleFork({ bodyHmac: 'another' }))
      .thenRefused('idempotency_key_reused');
  });
});

describe('lineageThrough', () => {
  test('of a turn is the session through it, as it stands now', () => {
    expect(lineageAt(stateAfter(...first, ...second), turn)).toEqual([
      { sessionId: session, throughTurnId: turn, throughPosition: 1, throughRevision: 6 },
    ]);
  });

  test('takes turns of a session that has ended, and turns that were rewound away', () => {
    const state = stateAfter(...first, ...second, sampleRewound(), sampleEnded());
    expect(lineageAt(state, nextTurn)).toMatchObject([{ throughTurnId: nextTurn, throughPosition: 2 }]);
  });

  test('is refused for a turn that is open, and for one that is not there', () => {
    const state = stateAfter(...first, sampleRequested({ turnId: nextTurn, position: 2 }));
    expect(lineageAt(state, nextTurn)).toBe('turn_open');
    expect(lineageAt(state, parentTurn)).toBe('turn_not_found');
  });

  test('of a fork’s own turn is its parent’s part and one more', () => {
    const state = stateAfter(...fork);
    expect(lineageAt(state, turn)).toEqual([
      ...state.lineage,
      { sessionId: session, throughTurnId: turn, throughPosition: 3, throughRevision: 3 },
    ]);
  });

  test('of a turn that a fork began with is the parent’s part through it, and nothing of the fork', () => {
    expect(lineageAt(stateAfter(...fork), olderParentTurn, { position: 1 })).toEqual([
      { sessionId: parent, throughTurnId: olderParentTurn, throughPosition: 1, throughRevision: 6 },
    ]);
  });

  test('of a turn behind which its fork had been rewound leaves out what was cut', () => {
    const back = sampleRewound({ toTurnId: olderParentTurn, toPosition: 1 });
    const state = stateAfter(
      sampleForked(),
      back,
      sampleRequested({ position: 2 }),
      sampleClaimed(),
      sampleCompleted(),
    );
    expect(lineageAt(state, turn)).toMatchObject([
      { sessionId: parent, throughTurnId: olderParentTurn, throughPosition: 1 },
      { sessionId: session, throughPosition: 2 },
    ]);
    const start = stateAfter(sampleForked(), sampleRewound(), sampleRequested(), sampleClaimed(), sampleCompleted());
    expect(lineageAt(start, turn)).toMatchObject([{ sessionId: session, throughPosition: 1 }]);
  });

  test('is bounded', () => {
    expect(lineageAt(stateAfter(...fork), turn, { maxSegments: 1 })).toBe('session_fork_limit');
    expect(lineageAt(stateAfter(...fork), turn, { maxSegments: 2 })).toHaveLength(2);
  });
});
