import { describe, expect, test } from '@jest/globals';
import { rerunStream, sessionStream } from '@turnledger/shared/contracts';
import type { RerunEvent, RerunRecord } from '@turnledger/shared/domain';
import {
  encodedEvent,
  sampleComparison,
  sampleFigures,
  sampleRerunIds,
  sampleRerunRequest,
} from '@turnledger/shared/testing';
import { rerunsView } from './reruns-view.ts';
import type { Surroundings, ViewEvent } from './view-fold.ts';

const { rerun, session } = sampleRerunIds;
const alone: Surroundings = { session: undefined, turn: undefined, call: undefined };

const viewEvent = (event: RerunEvent, revision: number, stream = rerunStream(rerun)): ViewEvent => ({
  recorded: {
    ...encodedEvent({
      type: event.type,
      metadata: { recordedAt: `2026-01-01T00:00:0${revision}.000Z`, schemaVersion: '1' },
    }),
    stream,
    revision,
    position: BigInt(revision + 1),
    loggedAtMs: 0,
  },
  event,
  aggregateId: rerun,
});

/** The row after each of these events of one stream, the first its request. */
function rowsOf(...events: readonly RerunEvent[]): readonly (RerunRecord | undefined)[] {
  const requested: RerunEvent = {
    type: 'RerunRequested',
    data: sampleRerunRequest({ gameId: 'noir', gateVersion: 2 }),
  };
  const rows: (RerunRecord | undefined)[] = [];
  for (const [revision, event] of [requested, ...events].entries())
    rows.push(rerunsView.evolve(rows.at(-1), viewEvent(event, revision), alone, rerun));
  return rows;
}

const compared = (changes: Parameters<typeof sampleComparison>[0] = {}): RerunEvent => ({
  type: 'RerunTurnCompared',
  data: sampleComparison(changes),
});
const cancelled: RerunEvent = { type: 'RerunCancelled', data: { by: 'game' } };
const finished = (outcome: 'cancelled' | 'completed'): RerunEvent => ({ type: 'RerunFinished', data: { outcome } });

describe('the view of re-runs', () => {
  test('begins a row with what was asked for', () => {
    expect(rowsOf()).toEqual([
      {
        rerunId: rerun,
        scenarioId: 'tavern',
        gameId: 'noir',
        mode: 'teacher_forced',
        status: 'running',
        sessions: 1,
        turns: 2,
        compared: 0,
        reused: 0,
        failed: 0,
        spentMicroUsd: 0,
        gateVersion: 2,
        requestedAt: '2026-01-01T00:00:00.000Z',
        revision: 0,
      },
    ]);
  });

  test('counts what was compared, and what it has cost', () => {
    const rows = rowsOf(
      compared(),
      compared({ outcome: 'failed', repeated: sampleFigures({ status: 'failed', costMicroUsd: 20 }) }),
      compared({ outcome: 'timed_out', repeated: { status: 'timed_out', move: 'none', attempts: 1 } }),
    );
    expect(rows.at(-1)).toMatchObject({ compared: 3, reused: 0, failed: 2, spentMicroUsd: 170, revision: 3 });
  });

  test('says of a reused reply that nothing was paid for it', () => {
    const rows = rowsOf(compared({ outcome: 'reused', repeated: sampleFigures({ costMicroUsd: 100 }) }));
    expect(rows.at(-1)).toMatchObject({ compared: 1, reused: 1, spentMicroUsd: 0 });
  });

  test('keeps a row at hand until its re-run is over', () => {
    const rows = rowsOf(cancelled, finished('cancelled'));
    expect(rows.map((row) => [row?.status, row && rerunsView.isLive(row)])).toEqual([
      ['running', true],
      ['cancelling', true],
      ['cancelled', false],
    ]);
    expect(rows.at(-1)).toMatchObject({ endedAt: '2026-01-01T00:00:02.000Z' });
  });

  test('reads no row for the first event of a re-run, and one for each other', () => {
    const request: RerunEvent = { type: 'RerunRequested', data: sampleRerunRequest() };
    expect([request, compared(), cancelled].map((event) => rerunsView.startsRows(viewEvent(event, 0)))).toEqual([
      true,
      false,
      false,
    ]);
  });

  test('leaves out what has no beginning', () => {
    expect(rerunsView.evolve(undefined, viewEvent(finished('completed'), 1), alone, rerun)).toBeUndefined();
  });

  test('is of the streams of re-runs alone, not of the sessions that they make', () => {
    expect(rerunsView.keysOf(viewEvent(cancelled, 0))).toEqual([rerun]);
    expect(rerunsView.keysOf(viewEvent(cancelled, 0, sessionStream(session)))).toEqual([]);
    expect(rerunsView.keysOf(viewEvent(cancelled, 0, 'session-1'))).toEqual([]);
  });
});
