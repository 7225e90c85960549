import { describe, test } from '@jest/globals';
import { deciderSpecification } from '../../testing/decider-specification.ts';
import { sampleStart } from '../../testing/sample-commands.ts';
import { sampleEnded, sampleStarted } from '../../testing/sample-events.ts';
import { evolveSession } from './evolve-session.ts';
import { startSession } from './start-session.ts';
import { initialSession } from './state.ts';

const { given } = deciderSpecification({ initial: initialSession, evolve: evolveSession });

describe('startSession', () => {
  test('opens a session with what was asked for', () => {
    given()
      .when(startSession, sampleStart({ gameId: 'chess' }))
      .thenAppends(sampleStarted({ gameId: 'chess' }));
  });

  test('the same request again changes nothing (rule 1)', () => {
    given(sampleStarted()).when(startSession, sampleStart()).thenUnchanged();
  });

  test('the same request changes nothing after the session has ended either', () => {
    given(sampleStarted(), sampleEnded()).when(startSession, sampleStart()).thenUnchanged();
  });

  test('another request under the same key is refused (rule 1)', () => {
    given(sampleStarted())
      .when(startSession, sampleStart({ bodyHmac: 'other' }))
      .thenRefused('idempotency_key_reused');
  });
});
