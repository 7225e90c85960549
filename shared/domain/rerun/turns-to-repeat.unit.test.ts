import { describe, expect, test } from '@jest/globals';
import { deciderSpecification } from '../../testing/decider-specification.ts';
import { sampleIds } from '../../testing/sample-commands.ts';
import {
  sampleAttemptFailed,
  sampleCancelled,
  sampleClaimed,
  sampleCompleted,
  sampleEnded,
  sampleFailed,
  sampleForked,
  sampleRequested,
  sampleRewound,
  sampleStarted,
  sampleTimedOut,
} from '../../testing/sample-events.ts';
import type { SessionEvent } from '../session/events.ts';
import { evolveSession } from '../session/evolve-session.ts';
import { initialSession } from '../session/state.ts';
import { turnsToRepeat } from './turns-to-repeat.ts';

const { stateAfter } = deciderSpecification({ initial: initialSession, evolve: evolveSession });
const { turn, nextTurn, parentTurn, call, nextCall } = sampleIds;

const answered = (turnId: string, position: number): readonly SessionEvent<'plain'>[] => [
  sampleRequested({ turnId, position }),
  sampleClaimed({ turnId }),
  sampleCompleted({ turnId }),
];
const repeated = (events: readonly SessionEvent<'plain'>[], throughTurnId: string) =>
  turnsToRepeat(stateAfter(...events), throughTurnId).map(({ turnId }) => turnId);

describe('turnsToRepeat', () => {
  const first = [sampleStarted(), ...answered(turn, 1)];

  test('are those through the given one, the oldest first', () => {
    const events = [...first, ...answered(nextTurn, 2), ...answered(call, 3)];
    expect(repeated(events, nextTurn)).toEqual([turn, nextTurn]);
    expect(repeated(events, call)).toEqual([turn, nextTurn, call]);
  });

  test('are those that were answered, failed or timed out, not those that were cancelled or are open', () => {
    const events = [
      ...first,
      sampleRequested({ turnId: nextTurn, position: 2 }),
      sampleClaimed({ turnId: nextTurn }),
      sampleAttemptFailed({ turnId: nextTurn }),
      sampleFailed({ turnId: nextTurn }),
      sampleRequested({ turnId: call, position: 3 }),
      sampleCancelled({ turnId: call }),
      sampleRequested({ turnId: nextCall, position: 4 }),
      sampleTimedOut({ turnId: nextCall, phase: 'queue' }),
      sampleRequested({ turnId: parentTurn, position: 5 }),
    ];
    expect(repeated(events, parentTurn)).toEqual([turn, nextTurn, nextCall]);
    expect(repeated(events, call)).toEqual([turn, nextTurn]);
  });

  test('stay the same, whatever is recorded of the session later', () => {
    const later = [...first, ...answered(nextTurn, 2), sampleRewound(), ...answered(call, 1), sampleEnded()];
    expect(repeated(first, turn)).toEqual([turn]);
    expect(repeated(later, turn)).toEqual([turn]);
    expect(repeated(later, nextTurn)).toEqual([turn, nextTurn]);
    expect(repeated(later, call)).toEqual([call]);
  });

  test('of a fork are its own: those that it began with are its parent’s', () => {
    const fork = [sampleForked(), ...answered(turn, 3)];
    expect(repeated(fork, turn)).toEqual([turn]);
    expect(repeated(fork, parentTurn)).toEqual([]);
  });

  test('are none for a turn that is not there', () => {
    expect(repeated(first, nextTurn)).toEqual([]);
  });
});
