import { describe, expect, test } from '@jest/globals';
import { deciderSpecification } from '../../testing/decider-specification.ts';
import {
  sampleCancelled,
  sampleCompleted,
  sampleRequested,
  sampleRewound,
  sampleStarted,
} from '../../testing/sample-events.ts';
import { evolveSession } from './evolve-session.ts';
import { newestStateTurn } from './newest-state.ts';
import { initialSession } from './state.ts';

const { stateAfter } = deciderSpecification({ initial: initialSession, evolve: evolveSession });

const asked = (turnId: string, position: number, rev?: number) =>
  sampleRequested({ turnId, position, ...(rev !== undefined && { state: { rev, data: { rev } } }) });
const played = (turnId: string, position: number, rev?: number) =>
  [asked(turnId, position, rev), sampleCompleted({ turnId })] as const;

describe('the newest game state', () => {
  test('is that of the last turn that brought one', () => {
    const state = stateAfter(sampleStarted(), ...played('one', 1, 4), ...played('two', 2, 5), ...played('three', 3));
    expect(newestStateTurn(state)).toMatchObject({ turnId: 'two', stateRev: 5 });
  });

  test('may be that of the open turn, and of one that was cancelled', () => {
    const open = [sampleStarted(), ...played('one', 1, 4), asked('two', 2, 0)] as const;
    expect(newestStateTurn(stateAfter(...open))).toMatchObject({ turnId: 'two', stateRev: 0 });
    const cancelled = stateAfter(...open, sampleCancelled({ turnId: 'two' }), asked('three', 3));
    expect(newestStateTurn(cancelled)?.turnId).toBe('two');
  });

  test('is none before the first', () => {
    expect(newestStateTurn(initialSession)).toBeUndefined();
    expect(newestStateTurn(stateAfter(sampleStarted(), ...played('one', 1)))).toBeUndefined();
  });

  test('is no longer that of a turn that a rewind has cut', () => {
    const before = [sampleStarted(), ...played('one', 1, 4), ...played('two', 2, 5)] as const;
    const back = stateAfter(...before, sampleRewound({ toTurnId: 'one', toPosition: 1 }));
    expect(newestStateTurn(back)?.turnId).toBe('one');
    expect(newestStateTurn(stateAfter(...before, sampleRewound()))).toBeUndefined();
  });

  test('before a revision is that of a turn asked for before it', () => {
    const state = stateAfter(sampleStarted(), ...played('one', 1, 4), ...played('two', 2, 5));
    expect([1, 2, 3, 4].map((revision) => newestStateTurn(state, revision)?.turnId)).toEqual([
      undefined,
      'one',
      'one',
      'two',
    ]);
  });
});
