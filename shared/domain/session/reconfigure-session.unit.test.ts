import { describe, expect, test } from '@jest/globals';
import { deciderSpecification } from '../../testing/decider-specification.ts';
import { sampleIds, sampleRequest } from '../../testing/sample-commands.ts';
import {
  sampleClaimed,
  sampleCompleted,
  sampleEnded,
  sampleRequested,
  sampleStarted,
} from '../../testing/sample-events.ts';
import { turnOf } from './effective-history.ts';
import type { SessionEvent } from './events.ts';
import { evolveSession } from './evolve-session.ts';
import { reconfigureSession } from './reconfigure-session.ts';
import { requestTurn } from './request-turn.ts';
import { initialSession } from './state.ts';

const { given, stateAfter } = deciderSpecification({ initial: initialSession, evolve: evolveSession });
const { turn, nextTurn } = sampleIds;
const reconfigured: SessionEvent<'plain'> = { type: 'SessionReconfigured', data: { scenarioVersion: 2 } };

describe('reconfigureSession', () => {
  test('names the version and the reason', () => {
    given(sampleStarted())
      .when(reconfigureSession, { scenarioVersion: 2, reason: 'too grim' })
      .thenAppends({ type: 'SessionReconfigured', data: { scenarioVersion: 2, reason: 'too grim' } });
  });

  test('the version that is played already changes nothing, whatever revision the caller had seen', () => {
    given(sampleStarted(), reconfigured)
      .when(reconfigureSession, { scenarioVersion: 2, expectedRevision: 0 })
      .thenUnchanged();
  });

  test('goes back to an older version', () => {
    given(sampleStarted(), reconfigured)
      .when(reconfigureSession, { scenarioVersion: 1 })
      .thenAppends({ type: 'SessionReconfigured', data: { scenarioVersion: 1 } });
  });

  test('the open turn goes on as it is; the next is played under the new version', () => {
    const open = [sampleStarted(), sampleRequested(), sampleClaimed(), reconfigured];
    expect(turnOf(stateAfter(...open), turn)).toMatchObject({ scenarioVersion: 1, status: 'started' });
    given(...open, sampleCompleted())
      .when(requestTurn, sampleRequest({ turnId: nextTurn }))
      .thenAppends(sampleRequested({ turnId: nextTurn, position: 2, scenarioVersion: 2 }));
  });

  test('a guard that does not hold is refused', () => {
    given(sampleStarted())
      .when(reconfigureSession, { scenarioVersion: 2, expectedRevision: 1 })
      .thenRefused('session_revision_mismatch');
    given(sampleStarted())
      .when(reconfigureSession, { scenarioVersion: 2, expectedRevision: 0 })
      .thenAppends(reconfigured);
  });

  test('an ended session and an unknown one are refused', () => {
    given(sampleStarted(), sampleEnded()).when(reconfigureSession, { scenarioVersion: 2 }).thenRefused('session_ended');
    given().when(reconfigureSession, { scenarioVersion: 2 }).thenRefused('session_not_found');
  });
});
