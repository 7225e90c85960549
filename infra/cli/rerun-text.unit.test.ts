import { describe, expect, test } from '@jest/globals';
import type { Rerun } from '@turnledger/shared/client';
import { rerunProgress } from './rerun-progress.ts';
import { estimateLines, rerunLines } from './rerun-text.ts';
import { exitCodeOfRerun } from './show-rerun.ts';
import { firstSessionId, sampleRerun, sampleRerunId } from './testing/sample-rerun.ts';

type Gate = NonNullable<Rerun['gate']>;
const gate = (over: Partial<Gate>): Gate => ({
  version: 2,
  rerunId: sampleRerunId,
  thresholds: { max_failed_rate: 0.1 },
  outcome: 'passed',
  missed: [],
  ...over,
});

describe('a re-run that is over', () => {
  test('is told with what it came to, what was not there as a dash', () => {
    expect(rerunLines(sampleRerun())).toEqual([
      `re-run ${sampleRerunId} of lisbon-ledger.marta, teacher-forced: completed`,
      'turns          5 of 5 in 2 sessions',
      '               1 reused, 3 completed, 1 failed',
      'spent          USD 0.001500, and 1 turns without a known price',
      'diverged       3 of 5 (60.0 %)',
      'similarity     0.63, mean of 4',
      'moves changed  1',
      '                   recorded         new                          ratio  turns',
      'USD                0.001000         0.001500                     1.50   3',
      'ms a turn          900              450                          0.50   4',
      'ms to first token  –                –                            –      0',
      'tokens in          280              280                          1.00   4',
      'tokens out         0                40                           –      4',
      'illegal moves      1 of 4 (25.0 %)  2 of 4 (50.0 %), 2 unjudged',
      'session                               first diverged turn  diverged',
      `${firstSessionId}  2                    3 of 3`,
    ]);
  });

  test('says why it failed', () => {
    const [first] = rerunLines(sampleRerun({ status: 'failed', error: { code: 'model_unavailable' } }));
    expect(first).toMatch(/: failed: model_unavailable$/);
  });

  test('names the first sessions that diverged, and how many more there are', () => {
    const [session] = sampleRerun().sessions;
    const sessions = Array.from({ length: 25 }, () => session).filter((one) => one !== undefined);
    const lines = rerunLines(sampleRerun({ sessions }));
    expect(lines.filter((line) => line.startsWith(firstSessionId))).toHaveLength(20);
    expect(lines.at(-1)).toBe('and 5 sessions more');
  });

  test.each([
    [gate({}), ['gate of version 2: passed']],
    [gate({ outcome: null }), ['gate of version 2: it waits']],
    [
      gate({
        outcome: 'failed',
        missed: [
          { threshold: 'max_failed_rate', limit: 0.1, measured: 0.2 },
          { threshold: 'max_cost_ratio', limit: 1.2, measured: null },
        ],
      }),
      [
        'gate of version 2: failed',
        '  max-failed-rate 0.1 is not met: 0.2',
        '  max-cost-ratio 1.2 is not met: nothing to measure',
      ],
    ],
  ])('ends with its gate: %j', (given, lines) => {
    expect(rerunLines(sampleRerun({ gate: given })).slice(-lines.length)).toEqual(lines);
  });
});

test.each([
  [{ status: 'completed', gate: null }, 0],
  [{ status: 'completed', gate: gate({}) }, 0],
  [{ status: 'completed', gate: gate({ outcome: 'failed' }) }, 1],
  [{ status: 'completed', gate: gate({ outcome: null }) }, 1],
  [{ status: 'spend_cap_reached', gate: null }, 1],
  [{ status: 'cancelled', gate: null }, 1],
] as const)('a command that waited for %j ends with %i', (rerun, code) => {
  expect(exitCodeOfRerun(rerun)).toBe(code);
});

describe('how far a re-run is', () => {
  test.each([
    [0, '[........................] 0 of 5 turns, 3 diverged, USD 0.001500'],
    [3, '[##############..........] 3 of 5 turns, 3 diverged, USD 0.001500'],
    [5, '[########################] 5 of 5 turns, 3 diverged, USD 0.001500'],
  ])('is a bar and its figures: %i', (compared, line) => {
    const { progress } = sampleRerun();
    expect(rerunProgress(sampleRerun({ status: 'running', progress: { ...progress, compared } }))).toBe(line);
  });

  test('says that it is being cancelled', () => {
    expect(rerunProgress(sampleRerun({ status: 'cancelling' }))).toMatch(/, cancelling$/);
  });
});

test('an estimate says what may be reused, and a question mark for a price that nobody knows', () => {
  const counts = { sessions: 2, turns: 5, reusableTurns: 1, promptTokens: 280, completionTokens: 90 };
  expect(estimateLines({ dryRun: true, ...counts, costMicroUsd: null })).toEqual([
    'sessions    2',
    'turns       5, up to 1 of them reused at no cost',
    'tokens in   280',
    'tokens out  90',
    'USD         ?',
  ]);
});
