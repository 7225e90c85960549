import { describe, expect, test } from '@jest/globals';
import {
  deciderSpecification,
  sampleCancelled,
  sampleClaimed,
  sampleCompleted,
  sampleEnded,
  sampleRequested,
  sampleStarted,
} from '../../testing/index.ts';
import { endSession } from './end-session.ts';
import { evolveSession, initialSession } from './state.ts';

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

  test('leaves no turn open', () => {
    const state = stateAfter(sampleStarted(), sampleRequested(), sampleCancelled(bySessionEnd), sampleEnded());
    expect(state).toMatchObject({ status: 'ended', revision: 3 });
    expect(state).not.toHaveProperty('openTurnId');
  });
});
