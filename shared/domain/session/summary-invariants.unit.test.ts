import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { runSteps, sessionSteps } from '../../testing/session-steps.ts';
import { historyIds } from '../../testing/summary-steps.ts';
import type { SessionEvent } from './events.ts';
import { evolveSession } from './evolve-session.ts';
import { initialSession, type SessionState } from './state.ts';

type Plain = SessionEvent<'plain'>;

/** For any commands in any order: what must hold before and after each event that was accepted. */
const holdsForAll = (judge: (event: Plain, before: SessionState, after: SessionState) => void, seed?: number): void =>
  fc.assert(
    fc.property(sessionSteps, (steps) => {
      let state = initialSession;
      for (const event of runSteps(steps).events) {
        const after = evolveSession(state, event);
        judge(event, state, after);
        state = after;
      }
    }),
    { numRuns: 200, ...(seed !== undefined && { seed }) },
  );

describe('a session that is summarised, whatever commands come', () => {
  test('claims one summary at a time, of effective history, while no turn is open', () => {
    holdsForAll((event, before) => {
      if (event.type !== 'SummaryStarted') return;
      const { fromTurnId, throughTurnId, throughPosition } = event.data;
      const history = historyIds(before);
      expect(before.summaries?.open).toBeUndefined();
      expect(before.openTurnId).toBeUndefined();
      expect([history[0], history[throughPosition - 1]]).toEqual([fromTurnId, throughTurnId]);
    });
  });

  test('holds only summaries whose turns are all effective history, each further than the one before', () => {
    holdsForAll((_event, _before, after) => {
      const history = historyIds(after);
      const held = after.summaries?.held ?? [];
      expect(held.map(({ throughPosition }) => history[throughPosition - 1])).toEqual(
        held.map(({ throughTurnId }) => throughTurnId),
      );
      const positions = held.map(({ throughPosition }) => throughPosition);
      expect(positions).toEqual([...new Set(positions)].toSorted((one, other) => one - other));
    });
  });

  test('accounts for each call once, and once more only for one whose worker was given up', () => {
    fc.assert(
      fc.property(sessionSteps, (steps) => {
        const left = new Map<string, number>();
        for (const event of runSteps(steps).events) {
          if (event.type === 'SummaryStarted') for (const { callId } of event.data.calls) left.set(callId, 1);
          if (event.type !== 'HistorySummarized' && event.type !== 'SummaryFailed') continue;
          const { callId } = event.data;
          expect(left.get(callId)).toBe(1);
          left.set(callId, event.type === 'SummaryFailed' && event.data.code === 'worker_lost' ? 1 : 0);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('reaches every event in these tests: the properties above are not empty', () => {
    const seen = new Set<string>();
    holdsForAll((event, before, after) => {
      seen.add(event.type === 'SummaryFailed' ? event.data.code : event.type);
      if ((before.summaries?.held.length ?? 0) > (after.summaries?.held.length ?? 0)) seen.add('dropped');
    }, 1);
    const wanted = [
      'SummaryStarted',
      'HistorySummarized',
      'model_overloaded',
      'worker_lost',
      'summary_late',
      'dropped',
    ];
    expect(wanted.filter((what) => !seen.has(what))).toEqual([]);
  });
});
