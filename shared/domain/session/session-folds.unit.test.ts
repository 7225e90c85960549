import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { deepFreeze } from '../../testing/deep-freeze.ts';
import { samplePlannedCall } from '../../testing/sample-commands.ts';
import {
  sampleAttemptFailed,
  sampleBookmarked,
  sampleCancelled,
  sampleClaimed,
  sampleCompleted,
  sampleEnded,
  sampleFailed,
  sampleMoveAccepted,
  sampleMoveRejected,
  sampleRequested,
  sampleRerunStarted,
  sampleReused,
  sampleRewound,
  sampleSettled,
  sampleStarted,
  sampleTimedOut,
} from '../../testing/sample-events.ts';
import { evolveSessionRecord, type SessionRecord } from '../session-record.ts';
import { evolveTurnRecord, type TurnRecord } from '../turn-record.ts';
import type { SessionEvent } from './events.ts';
import { evolveSession } from './evolve-session.ts';
import { initialSession } from './state.ts';

const turnIds = fc.oneof(fc.constantFrom('one', 'two', 'turn-100'), fc.uuid(), fc.string());
const names = fc.record({
  turnId: turnIds,
  attempt: fc.integer({ min: -1, max: 4 }),
  callId: fc.constantFrom('c1', 'c2', 'c3'),
});

/** Events that make no sense together: a log that no decider of ours wrote. */
const anyEvents: fc.Arbitrary<readonly SessionEvent<'plain'>[]> = fc.array(
  fc.oneof(
    fc.constantFrom(sampleStarted(), sampleRerunStarted(), sampleEnded()),
    fc.tuple(turnIds, fc.integer()).map(([turnId, position]) => sampleRequested({ turnId, position })),
    names.map(({ turnId, attempt, callId }) => sampleClaimed({ turnId, attempt, calls: [samplePlannedCall(callId)] })),
    names.map(({ turnId, attempt }) => sampleClaimed({ turnId, attempt, calls: [] })),
    turnIds.map((turnId) => sampleBookmarked({ turnId })),
    fc.tuple(turnIds, fc.integer()).map(([toTurnId, toPosition]) => sampleRewound({ toTurnId, toPosition })),
    fc.constant(sampleRewound()),
    names.map((data) => sampleAttemptFailed(data)),
    names.map((data) => sampleCompleted({ ...data, move: { verb: 'go' } })),
    turnIds.map((turnId) => sampleReused({ turnId, move: { verb: 'go' } })),
    turnIds.map((turnId) => sampleMoveAccepted({ turnId })),
    turnIds.map((turnId) => sampleMoveRejected({ turnId })),
    names.map((data) => sampleSettled(data)),
    names.map(({ turnId, attempt }) => sampleFailed({ turnId, attempt })),
    names.map(({ turnId, attempt }) => sampleTimedOut({ turnId, attempt })),
    names.map(({ turnId, attempt }) => sampleCancelled({ turnId, attempt })),
  ),
  { maxLength: 60 },
);

describe('the folds, over events in an order that no decider gives', () => {
  test('`evolveSession` never throws, changes no state it was given, and moves the revision by one an event', () => {
    fc.assert(
      fc.property(anyEvents, (events) => {
        let state = deepFreeze(initialSession);
        for (const event of events) {
          const next = deepFreeze(evolveSession(state, deepFreeze(event)));
          expect(next.revision).toBe(state.revision + 1);
          state = next;
        }
      }),
    );
  });

  test('folding again from any state on gives the same: nothing is hidden in the fold', () => {
    fc.assert(
      fc.property(anyEvents, fc.nat({ max: 60 }), (events, cut) => {
        const whole = events.reduce(evolveSession, initialSession);
        const stored = structuredClone(events.slice(0, cut).reduce(evolveSession, initialSession));
        expect(events.slice(cut).reduce(evolveSession, stored)).toEqual(whole);
      }),
    );
  });

  test('the records never throw and change no record they were given', () => {
    const context = {
      sessionId: 'session',
      scenarioId: 'tavern',
      scenarioVersion: 1,
      recordedAt: '2026-01-01T00:00:00.000Z',
    };
    fc.assert(
      fc.property(anyEvents, (events) => {
        let session: SessionRecord<'plain'> | undefined;
        let turn: TurnRecord<'plain'> | undefined;
        events.forEach((event, revision) => {
          session = deepFreeze(evolveSessionRecord(session, deepFreeze(event), { ...context, revision }));
          turn = deepFreeze(evolveTurnRecord(turn, event, { ...context, revision }));
        });
        if (session && events.at(-1)) expect(session.revision).toBe(events.length - 1);
      }),
    );
  });
});
