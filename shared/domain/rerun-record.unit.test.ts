import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { deepFreeze } from '../testing/deep-freeze.ts';
import { sampleIds } from '../testing/sample-commands.ts';
import {
  sampleCompared,
  sampleFigures,
  sampleRerunCancelled,
  sampleRerunFinished,
  sampleRerunRequested,
} from '../testing/sample-reruns.ts';
import type { RerunEvent } from './rerun/events.ts';
import { evolveRerun, initialRerun } from './rerun/state.ts';
import { summariseRerun } from './rerun/summarise-rerun.ts';
import { evolveRerunRecord, type RerunRecord } from './rerun-record.ts';

const recordedAt = (revision: number): string => `2026-01-01T00:00:${String(revision).padStart(2, '0')}.000Z`;

const fold = (...events: readonly RerunEvent[]): RerunRecord | undefined =>
  events.reduce<RerunRecord | undefined>(
    (record, event, revision) =>
      deepFreeze(
        evolveRerunRecord(record, deepFreeze(event), {
          rerunId: sampleIds.rerun,
          revision,
          recordedAt: recordedAt(revision),
        }),
      ),
    undefined,
  );

describe('evolveRerunRecord', () => {
  test('shows what was asked for, and that nothing has come of it yet', () => {
    expect(fold(sampleRerunRequested({ gameId: 'chess', gateVersion: 2 }))).toStrictEqual({
      rerunId: sampleIds.rerun,
      scenarioId: 'tavern',
      gameId: 'chess',
      mode: 'teacher_forced',
      status: 'running',
      sessions: 1,
      turns: 2,
      compared: 0,
      reused: 0,
      failed: 0,
      spentMicroUsd: 0,
      gateVersion: 2,
      requestedAt: recordedAt(0),
      revision: 0,
    });
    for (const name of ['gameId', 'gateVersion', 'endedAt'])
      expect(fold(sampleRerunRequested())).not.toHaveProperty(name);
  });

  test('counts what turns came to; one that was reused cost nothing', () => {
    const { costMicroUsd: _price, ...unpriced } = sampleFigures();
    const record = fold(
      sampleRerunRequested(),
      sampleCompared(),
      sampleCompared({ outcome: 'reused' }),
      sampleCompared({ outcome: 'failed', repeated: unpriced }),
      sampleCompared({ outcome: 'timed_out' }),
    );
    expect(record).toMatchObject({ compared: 4, reused: 1, failed: 2, spentMicroUsd: 300, revision: 4 });
  });

  test('shows that it was stopped, and then how and when it ended', () => {
    const stopped = [sampleRerunRequested(), sampleRerunCancelled()] as const;
    expect(fold(...stopped)).toMatchObject({ status: 'cancelling', revision: 1 });
    expect(fold(...stopped)).not.toHaveProperty('endedAt');
    expect(fold(...stopped, sampleRerunFinished({ outcome: 'cancelled' }))).toMatchObject({
      status: 'cancelled',
      endedAt: recordedAt(2),
      revision: 2,
    });
  });

  test('is nothing before the request, whatever comes first', () => {
    expect(fold(sampleCompared(), sampleRerunCancelled(), sampleRerunFinished())).toBeUndefined();
  });

  test('agrees with the summary of the same events', () => {
    const compared = fc
      .record({
        outcome: fc.constantFrom('reused', 'completed', 'failed', 'timed_out'),
        repeated: fc.oneof(
          fc.nat({ max: 1_000 }).map((costMicroUsd) => sampleFigures({ costMicroUsd })),
          fc.constant({ status: 'failed', move: 'none', attempts: 1 } as const),
        ),
      })
      .map((changes) => sampleCompared(changes));
    fc.assert(
      fc.property(fc.array(compared, { maxLength: 20 }), (events) => {
        const all = [sampleRerunRequested(), ...events];
        const { turns, reused, failed, spentMicroUsd, ...summary } = summariseRerun(
          all.reduce(evolveRerun, initialRerun),
        );
        const { compared: count } = summary;
        expect(fold(...all)).toMatchObject({ turns, reused, failed, spentMicroUsd, compared: count });
      }),
    );
  });
});
