import { describe, expect, test } from '@jest/globals';
import { deciderSpecification } from '../../testing/decider-specification.ts';
import {
  sampleCancelled,
  sampleClaimed,
  sampleCompleted,
  sampleEnded,
  sampleRequested,
  sampleStarted,
} from '../../testing/sample-events.ts';
import { endSession } from './end-session.ts';
import { evolveSession } from './evolve-session.ts';
import { initialSession } from './state.ts';

const { given, stateAfter } = deciderSpecification({ initial: initialSession, evolve: evolveSession });
const end = { outcome: 'won', by: 'game', actor: 'operator' } as const;
const bySessionEnd = { reason: 'session_ended', by: 'operator' } as const;

describe('endSession', () => {
  test('ends a session, with its score', () => {
    given(sampleStarted())
      .when(endSession, { ...end, score: 12 })
      .thenAppends(sampleEnded({ score: 12 }));
  });

  test('ends a session whose turns have all ended', () => {
    given(sampleStarted(), sampleRequested(), sampleClaimed(), sampleCompleted())
      .when(endSession, end)
      .thenAppends(sampleEnded());
  });

  test('cancels a waiting turn in the same append', () => {
    given(sampleStarted(), sampleRequested())
      .when(endSession, end)
      .thenAppends(sampleCancelled(bySessionEnd), sampleEnded());
  });

  test('cancels a running turn in the same append, with its attempt', () => {
    given(sampleStarted(), sampleRequested(), sampleClaimed())
      .when(endSession, end)
      .thenAppends(sampleCancelled({ ...bySessionEnd, attempt: 1 }), sampleEnded());
  });

  test('what the player had seen of the open turn is kept with its cancellation, not with the end', () => {
    given(sampleStarted(), sampleRequested(), sampleClaimed())
      .when(endSession, { ...end, partial: 'A fr' })
      .thenAppends(sampleCancelled({ ...bySessionEnd, attempt: 1, partial: 'A fr' }), sampleEnded());
    given(sampleStarted())
      .when(endSession, { ...end, partial: 'A fr' })
      .thenAppends(sampleEnded());
  });

  test('an ended session stays as it is, whatever outcome is named now', () => {
    given(sampleStarted(), sampleEnded())
      .when(endSession, { ...end, outcome: 'lost' })
      .thenUnchanged();
  });

  test('an unknown session is refused', () => {
    given().when(endSession, end).thenRefused('session_not_found');
  });

  test('a guard that does not hold is refused, one that holds lets it through', () => {
    given(sampleStarted(), sampleRequested())
      .when(endSession, { ...end, expectedRevision: 0 })
      .thenRefused('session_revision_mismatch');
    given(sampleStarted())
      .when(endSession, { ...end, expectedRevision: 0 })
      .thenAppends(sampleEnded());
    given(sampleStarted())
      .when(endSession, { ...end, expectedRevision: 'any' })
      .thenAppends(sampleEnded());
  });

  test('a guarded request whose answer was lost finds its own ending; another ending refuses it', () => {
    given(sampleStarted(), sampleEnded({ score: 3 }))
      .when(endSession, { ...end, score: 3, expectedRevision: 0 })
      .thenUnchanged();
    given(sampleStarted(), sampleEnded({ score: 3 }))
      .when(endSession, { ...end, score: 4, expectedRevision: 0 })
      .thenRefused('session_revision_mismatch');
    given(sampleStarted(), sampleEnded({ outcome: 'lost' }))
      .when(endSession, { ...end, expectedRevision: 0 })
      .thenRefused('session_revision_mismatch');
  });

  test('leaves no turn open', () => {
    const state = stateAfter(sampleStarted(), sampleRequested(), sampleCancelled(bySessionEnd), sampleEnded());
    expect(state).toMatchObject({ status: 'ended', revision: 3 });
    expect(state).not.toHaveProperty('openTurnId');
  });
});
