import { describe, expect, test } from '@jest/globals';
import {
  sampleCancelled,
  sampleRequested,
  sampleRewound,
  sampleStarted,
  sampleSummarised,
  sampleSummaryFailed,
  sampleSummaryStarted,
} from '../../testing/sample-events.ts';
import type { SessionEvent } from './events.ts';
import { evolveSession } from './evolve-session.ts';
import { initialSession, type SessionState } from './state.ts';
import { standsAt, summaryBefore, summaryDue } from './summary-due.ts';

const turnId = (position: number) => `turn-${position}`;

const fold = (state: SessionState, ...events: readonly SessionEvent<'plain'>[]) => events.reduce(evolveSession, state);

/** A session of so many turns. */
const played = (count: number): SessionState =>
  Array.from({ length: count }, (_, index) => index + 1).reduce(
    (state, position) =>
      fold(
        state,
        sampleRequested({ turnId: turnId(position), position }),
        sampleCancelled({ turnId: turnId(position) }),
      ),
    fold(initialSession, sampleStarted()),
  );

const through = (position: number) => ({
  summaryId: `summary-${position}`,
  throughTurnId: turnId(position),
  throughPosition: position,
});
const summarised = (state: SessionState, position: number) =>
  fold(state, sampleSummaryStarted(through(position)), sampleSummarised(through(position)));
const positions = (state: SessionState, windowTurns: number, toldFrom?: number) =>
  summaryDue(state, { windowTurns, toldFrom })?.turns.map(({ position }) => position);

describe('summaryDue', () => {
  test('is undefined until half a window stands behind the window', () => {
    expect(positions(played(8), 6)).toBeUndefined();
    expect(positions(played(9), 6)).toEqual([1, 2, 3]);
    expect(positions(played(12), 7)).toEqual([1, 2, 3, 4, 5]);
  });

  test('goes on from the newest that holds', () => {
    const state = summarised(played(9), 3);
    expect(positions(state, 6)).toBeUndefined();
    const later = summarised(played(12), 3);
    expect(summaryDue(later, { windowTurns: 6 })).toMatchObject({
      extended: { summaryId: 'summary-3' },
      firstTurnId: turnId(1),
      turns: [4, 5, 6].map((position) => ({ turnId: turnId(position), position })),
    });
  });

  test('begins anew behind a rewind that cut a turn of it', () => {
    const state = fold(summarised(played(12), 6), sampleRewound({ toTurnId: turnId(5), toPosition: 5 }));
    expect(summaryDue(state, { windowTurns: 2 })).not.toHaveProperty('extended');
    expect(positions(state, 2)).toEqual([1, 2, 3]);
  });

  test('waits after a failure until the window has moved on by as much again', () => {
    const failed = (count: number, at: number) =>
      fold(played(count), sampleSummaryStarted(through(at)), sampleSummaryFailed({ summaryId: `summary-${at}` }));
    expect(positions(failed(9, 3), 6)).toBeUndefined();
    const [ten, twelve] = [10, 12].map((count) => ({
      ...played(count),
      summaries: failed(9, 3).summaries as NonNullable<SessionState['summaries']>,
    }));
    expect(ten && positions(ten, 6)).toBeUndefined();
    expect(twelve && positions(twelve, 6)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('is of what tokens have cut off the window too, and then half of what is left of it', () => {
    expect(positions(played(8), 6, 2)).toBeUndefined();
    expect(positions(played(8), 6, 4)).toEqual([1, 2, 3]);
    expect(positions(played(8), 20, 7)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(positions(summarised(played(8), 3), 6, 4)).toBeUndefined();
    expect(positions(summarised(played(8), 3), 6, 7)).toEqual([4, 5, 6]);
  });

  test('is of every turn where there is no window', () => {
    expect(positions(played(2), 0)).toEqual([1, 2]);
    expect(positions(fold(initialSession, sampleStarted()), 0)).toBeUndefined();
  });
});

describe('summaryBefore', () => {
  test('is the newest of turns before the window alone', () => {
    const state = summarised(summarised(played(12), 3), 6);
    expect([7, 6, 4, 3].map((position) => summaryBefore(state.summaries?.held ?? [], position)?.summaryId)).toEqual([
      'summary-6',
      'summary-3',
      'summary-3',
      undefined,
    ]);
  });
});

describe('standsAt', () => {
  test('knows a turn by its place', () => {
    const state = played(3);
    expect([1, 2, 3, 4].map((position) => standsAt(state, turnId(2), position))).toEqual([false, true, false, false]);
  });
});
