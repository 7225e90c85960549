import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { runSteps, sessionSteps, stepInheritedTurns, stepMaxAttempts } from '../../testing/session-steps.ts';
import { evolveSessionRecord, isKept, type SessionRecord } from '../session-record.ts';
import { evolveTurnRecord, type TurnRecord, turnIdOf } from '../turn-record.ts';
import { historyLength, historyThrough, isEffective, newestTurnId, turnOf } from './effective-history.ts';
import type { SessionEvent } from './events.ts';
import type { SessionState } from './state.ts';
import { isTerminal } from './turn-state.ts';

type Plain = SessionEvent<'plain'>;

const endings = ['TurnCompleted', 'TurnFailed', 'TurnCancelled', 'TurnTimedOut'];
const isEnding = (event: Plain): boolean => endings.includes(event.type);

/** For any commands in any order: what the events that were accepted must satisfy. */
const holdsForAll = (
  judge: (events: readonly Plain[], state: SessionState) => void,
  chosen: { seed?: number } = {},
): void =>
  fc.assert(
    fc.property(sessionSteps, (steps) => {
      const { events, state } = runSteps(steps);
      judge(events, state);
    }),
    { numRuns: 200, ...chosen },
  );

function byTurn(events: readonly Plain[]): ReadonlyMap<string, readonly Plain[]> {
  const turns = new Map<string, Plain[]>();
  for (const event of events) {
    const turnId = turnIdOf(event);
    if (turnId !== undefined) turns.set(turnId, [...(turns.get(turnId) ?? []), event]);
  }
  return turns;
}

/** The call an event accounts for; a lost worker's call is still open, it may come in late. */
const settledCall = (event: Plain): string | undefined => {
  if (event.type === 'TurnCompleted' || event.type === 'AttemptSettled') return event.data.callId;
  return event.type === 'TurnAttemptFailed' && event.data.code !== 'worker_lost' ? event.data.callId : undefined;
};

describe('a session, whatever commands come', () => {
  test('gives a turn at most one ending, and after it only AttemptSettled and a verdict name the turn (R2)', () => {
    holdsForAll((events) => {
      for (const own of byTurn(events).values()) {
        const end = own.findIndex(isEnding);
        const after = end === -1 ? [] : own.slice(end + 1);
        const allowed = ['AttemptSettled', 'MoveAccepted', 'MoveRejected'];
        expect(after.filter(({ type }) => !allowed.includes(type))).toEqual([]);
      }
    });
  });

  test('has at most one open turn after every event, and none once it has ended (rule 3)', () => {
    holdsForAll((events) => {
      const open = new Set<string>();
      for (const event of events) {
        if (event.type === 'TurnRequested') open.add(event.data.turnId);
        if (isEnding(event)) open.delete(turnIdOf(event) ?? '');
        expect(open.size).toBeLessThanOrEqual(event.type === 'SessionEnded' ? 0 : 1);
      }
    });
  });

  test('cancels a turn in favour of another only together with that other (rule 3)', () => {
    let count = 0;
    holdsForAll((events) => {
      for (const [index, event] of events.entries()) {
        if (event.type !== 'TurnCancelled' || event.data.reason !== 'superseded') continue;
        count += 1;
        const next = events[index + 1];
        expect(next?.type).toBe('TurnRequested');
        expect(next && turnIdOf(next)).not.toBe(event.data.turnId);
      }
    });
    expect(count).toBeGreaterThan(0);
  });

  test('judges a move at most once, and only one that a completed turn has proposed', () => {
    holdsForAll((events) => {
      for (const own of byTurn(events).values()) {
        const isVerdict = ({ type }: Plain) => type === 'MoveAccepted' || type === 'MoveRejected';
        const first = own.findIndex(isVerdict);
        if (first < 0) continue;
        expect(own.filter(isVerdict)).toHaveLength(1);
        expect(own.slice(0, first)).toContainEqual(
          expect.objectContaining({ type: 'TurnCompleted', data: expect.objectContaining({ move: { verb: 'go' } }) }),
        );
      }
    });
  });

  test('plays each turn under the version that it was last given before', () => {
    holdsForAll((events) => {
      let version = 1;
      for (const event of events) {
        if (event.type === 'SessionReconfigured') version = event.data.scenarioVersion;
        if (event.type === 'TurnRequested') expect(event.data.scenarioVersion).toBe(version);
      }
    });
  });

  test('puts each turn behind effective history, by a slow reading of what that is, and requests each once (rule 12)', () => {
    let rewinds = 0;
    holdsForAll((events, state) => {
      let history: readonly string[] = state.lineage.length > 0 ? stepInheritedTurns : [];
      const requested: string[] = [];
      for (const event of events) {
        if (event.type === 'TurnRequested') {
          expect(event.data.position).toBe(history.length + 1);
          history = [...history, event.data.turnId];
          requested.push(event.data.turnId);
        }
        if (event.type !== 'SessionRewound') continue;
        const { toTurnId, toPosition } = event.data;
        expect(history[toPosition - 1]).toBe(toTurnId);
        rewinds += history.length > toPosition ? 1 : 0;
        history = history.slice(0, toPosition);
      }
      expect(new Set(requested).size).toBe(requested.length);
      const kept = requested.filter((turnId) => {
        const turn = turnOf(state, turnId);
        return turn && isEffective(state, turn);
      });
      const own = history.filter((turnId) => requested.includes(turnId));
      expect(kept).toEqual(own);
      expect({ length: historyLength(state), newest: newestTurnId(state) }).toEqual({
        length: history.length,
        newest: history.at(-1),
      });
      const newest = turnOf(state, own.at(-1) ?? '');
      expect(newest ? historyThrough(state, newest).map(({ turnId }) => turnId) : []).toEqual(own);
    });
    expect(rewinds).toBeGreaterThan(0);
  });

  test('is rewound only while no turn is open', () => {
    holdsForAll((events) => {
      const open = new Set<string>();
      for (const event of events) {
        if (event.type === 'TurnRequested') open.add(event.data.turnId);
        if (isEnding(event)) open.delete(turnIdOf(event) ?? '');
        if (event.type === 'SessionRewound') expect([...open]).toEqual([]);
      }
    });
  });

  test('has the turns that were rewound away told apart by the session’s record as by its state', () => {
    holdsForAll((events, state) => {
      const contextOf = (revision: number) => ({ sessionId: 's', scenarioId: 't', revision, recordedAt: '' });
      const record = events.reduce<SessionRecord<'plain'> | undefined>(
        (folded, event, revision) => evolveSessionRecord(folded, event, contextOf(revision)),
        undefined,
      );
      for (const [revision, event] of events.entries()) {
        const turn = evolveTurnRecord<'plain'>(undefined, event, contextOf(revision));
        const held = turn && turnOf(state, turn.turnId);
        if (turn && held) expect(isKept(record?.cuts ?? [], turn)).toBe(isEffective(state, held));
      }
    });
  });

  test('starts attempts 1, 2, … of a turn, at most `maxAttempts`, each after the one before was given up (rule 4)', () => {
    holdsForAll((events) => {
      for (const own of byTurn(events).values()) {
        let isHeld = false;
        let newest = 0;
        for (const event of own) {
          if (event.type === 'TurnStarted') {
            expect({ isHeld, attempt: event.data.attempt }).toEqual({ isHeld: false, attempt: newest + 1 });
            newest = event.data.attempt;
          }
          isHeld = event.type === 'TurnStarted' || (isHeld && event.type !== 'TurnAttemptFailed');
        }
        expect(newest).toBeLessThanOrEqual(stepMaxAttempts);
      }
    });
  });

  test('ends a turn with the attempt it stands at, and with none before the first (rule 4)', () => {
    holdsForAll((events) => {
      for (const own of byTurn(events).values()) {
        const newest = own.filter(({ type }) => type === 'TurnStarted').length;
        for (const event of own) {
          if (isEnding(event)) expect('attempt' in event.data ? event.data.attempt : 0).toBe(newest);
        }
      }
    });
  });

  test('accounts for a call at most once, and only for one that was announced before (R6)', () => {
    holdsForAll((events) => {
      const announced = new Set<string>();
      for (const event of events) {
        if (event.type === 'TurnStarted') for (const { callId } of event.data.calls) announced.add(callId);
        const callId = settledCall(event);
        if (callId !== undefined) expect(announced.delete(callId)).toBe(true);
      }
    });
  });

  test('knows the calls that are not accounted for', () => {
    holdsForAll((events, state) => {
      for (const [turnId, own] of byTurn(events)) {
        const announced = own.flatMap((event) =>
          event.type === 'TurnStarted' ? event.data.calls.map(({ callId }) => callId) : [],
        );
        const settled = new Set(own.map(settledCall));
        const unsettled = turnOf(state, turnId)?.unsettled.map(({ callId }) => callId);
        expect(unsettled).toEqual(announced.filter((callId) => !settled.has(callId)));
      }
    });
  });

  test('is shown by its record as its state has it', () => {
    holdsForAll((events, state) => {
      const record = events.reduce<SessionRecord<'plain'> | undefined>(
        (folded, event, revision) =>
          evolveSessionRecord(folded, event, { sessionId: 'session', revision, recordedAt: '' }),
        undefined,
      );
      expect(record).toMatchObject({
        status: state.status,
        turns: historyLength(state),
        revision: state.revision,
      });
      expect(record?.lastTurnId).toBe(newestTurnId(state));
    });
  });

  test('has every turn shown by its record as its state has it', () => {
    holdsForAll((events, state) => {
      const records = new Map<string, TurnRecord<'plain'> | undefined>();
      events.forEach((event, revision) => {
        const turnId = turnIdOf(event);
        const context = { sessionId: 'session', scenarioId: 'tavern', scenarioVersion: 1, revision, recordedAt: '' };
        if (turnId !== undefined) records.set(turnId, evolveTurnRecord(records.get(turnId), event, context));
      });
      expect(records.size).toBe(state.turns.size);
      for (const [turnId, record] of records) {
        const turn = turnOf(state, turnId);
        expect(record).toMatchObject({ status: turn?.status, position: turn?.position, revision: turn?.lastRevision });
        expect(record).toMatchObject({ attempts: turn?.attempt, deadlineMs: turn?.deadlineMs });
        expect(record?.endedAt !== undefined).toBe(turn !== undefined && isTerminal(turn.status));
      }
    });
  });

  test('reaches every event in these tests: the properties above are not empty', () => {
    const seen = new Set<string>();
    const look = (events: readonly Plain[]) => {
      for (const event of events) {
        seen.add(event.type);
        if (event.type === 'AttemptSettled') seen.add(event.data.outcome);
        if (event.type === 'TurnFailed' || event.type === 'TurnAttemptFailed')
          seen.add(`${event.type} ${event.data.code}`);
      }
    };
    // The one property with a fixed seed: what chance leaves out of 200 runs is not a fault of the domain.
    holdsForAll(look, { seed: 4 });
    const settled = ['late', 'cancelled', 'timed_out', 'lost'];
    const failed = [
      'TurnAttemptFailed worker_lost',
      'TurnFailed worker_lost',
      'TurnFailed model_overloaded',
      'TurnFailed key_unknown',
    ];
    const verdicts = ['MoveAccepted', 'MoveRejected'];
    const wanted = [...endings, ...settled, ...failed, ...verdicts, 'SessionStarted', 'TurnStarted', 'SessionEnded'];
    expect(wanted.filter((what) => !seen.has(what))).toEqual([]);
  });
});
