import { describe, expect, test } from '@jest/globals';
import { deciderSpecification } from '../../testing/decider-specification.ts';
import { sampleIds, sampleStart } from '../../testing/sample-commands.ts';
import {
  sampleAttemptFailed,
  sampleClaimed,
  sampleRequested,
  sampleSettled,
  sampleStarted,
} from '../../testing/sample-events.ts';
import { turnOf } from './effective-history.ts';
import { evolveSession } from './evolve-session.ts';
import { initialSession } from './state.ts';
import { isTerminal } from './turn-state.ts';

const { stateAfter } = deciderSpecification({ initial: initialSession, evolve: evolveSession });

describe('evolveSession', () => {
  test('a started session keeps what its rules need', () => {
    const { scenarioId, scenarioVersion, participants, keyId, bodyHmac } = sampleStart();
    expect(stateAfter(sampleStarted({ gameId: 'chess', metadata: { map: 'cave' } }))).toEqual({
      scenarioId,
      scenarioVersion,
      participants,
      keyId,
      bodyHmac,
      gameId: 'chess',
      lineage: [],
      status: 'open',
      revision: 0,
      turns: initialSession.turns,
      bookmarks: [],
      rewinds: [],
    });
  });

  test('a session without a game has none', () => {
    expect(stateAfter(sampleStarted())).not.toHaveProperty('gameId');
  });

  test('a turn knows the revisions of its request and of its newest event', () => {
    const state = stateAfter(sampleStarted(), sampleRequested(), sampleClaimed());
    expect(turnOf(state, sampleIds.turn)).toMatchObject({ requestedRevision: 1, lastRevision: 2 });
  });

  test('an open turn is named as such from its request on', () => {
    const events = [
      sampleStarted(),
      sampleRequested(),
      sampleClaimed(),
      sampleAttemptFailed({ retryInMs: 0 }),
    ] as const;
    for (const count of [2, 3, 4]) expect(stateAfter(...events.slice(0, count)).openTurnId).toBe(sampleIds.turn);
  });

  test('an event about an unknown turn moves the revision alone', () => {
    const before = stateAfter(sampleStarted());
    expect(stateAfter(sampleStarted(), sampleSettled())).toEqual({ ...before, revision: 1 });
  });
});

describe('isTerminal', () => {
  test.each(['requested', 'started'] as const)('%s is open', (status) => expect(isTerminal(status)).toBe(false));
  test.each(['completed', 'failed', 'cancelled', 'timed_out'] as const)('%s is an ending', (status) =>
    expect(isTerminal(status)).toBe(true),
  );
});
