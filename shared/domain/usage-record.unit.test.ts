import { describe, expect, test } from '@jest/globals';
import { sampleIds, samplePlannedCall, sampleUsage } from '../testing/sample-commands.ts';
import {
  sampleAttemptFailed,
  sampleCancelled,
  sampleClaimed,
  sampleCompleted,
  sampleFailed,
  sampleMoveAccepted,
  sampleMoveRejected,
  sampleRequested,
  sampleSettled,
  sampleSummarised,
  sampleSummaryFailed,
  sampleSummaryStarted,
  sampleTimedOut,
} from '../testing/sample-events.ts';
import { MOVE_INVALID } from './session/turn-state.ts';
import {
  countedVersion,
  evolveUsageRecord,
  type UsageChange,
  type UsageContext,
  usageKey,
  usageOf,
} from './usage-record.ts';

const context: UsageContext = {
  recordedAt: '2026-01-31T23:59:59.999Z',
  gameId: 'noir',
  scenarioId: 'tavern',
  scenarioVersion: 2,
  call: { model: 'big', endpoint: 'main' },
  lastCall: { model: 'small', endpoint: 'spare' },
};

const countsOf = (changes: readonly UsageChange[]) => changes.map(({ counts }) => counts);
const tokens = { inputTokens: 120, cachedTokens: 0, outputTokens: 30, reasoningTokens: 0 };

describe('usageOf', () => {
  test('counts a call where it is planned, under the model that is asked', () => {
    const calls = [samplePlannedCall(), { ...samplePlannedCall(sampleIds.nextCall), model: 'other' }];
    const changes = usageOf(sampleClaimed({ calls }), context);
    expect(changes.map(({ group, counts }) => [group.model, counts])).toEqual([
      ['default', { calls: 1 }],
      ['other', { calls: 1 }],
    ]);
  });

  test('counts a completed turn with what it cost, under the model of its call', () => {
    const [change] = usageOf(sampleCompleted(), context);
    expect(change?.counts).toEqual({ turnsCompleted: 1, ...tokens, costMicroUsd: 45, pricedCalls: 1 });
    expect(change?.group).toEqual({
      day: '2026-01-31',
      gameId: 'noir',
      scenarioId: 'tavern',
      scenarioVersion: 2,
      model: 'big',
      endpoint: 'main',
    });
  });

  test('counts the money of a failed attempt, and that of its turn’s failure not again', () => {
    const spent = { usage: sampleUsage, costMicroUsd: 9 };
    expect(countsOf(usageOf(sampleAttemptFailed(spent), context))).toEqual([
      { ...tokens, costMicroUsd: 9, pricedCalls: 1 },
    ]);
    expect(countsOf(usageOf(sampleFailed(spent), context))).toEqual([{ turnsFailed: 1 }]);
  });

  test('counts what was settled later', () => {
    expect(countsOf(usageOf(sampleSettled(), context))).toEqual([{ ...tokens, costMicroUsd: 45, pricedCalls: 1 }]);
  });

  test('tells a call without a price from one that was free', () => {
    const { costMicroUsd: _unknown, ...unpriced } = sampleSettled().data;
    expect(usageOf({ type: 'AttemptSettled', data: unpriced }, context)[0]?.counts.unpricedCalls).toBe(1);
    expect(usageOf(sampleSettled({ costMicroUsd: 0 }), context)[0]?.counts.pricedCalls).toBe(1);
  });

  test('counts a turn that ended badly under the model that was asked last, if one was', () => {
    const [cancelled] = usageOf(sampleCancelled(), context);
    expect(cancelled).toMatchObject({ counts: { turnsCancelled: 1 }, group: { model: 'small', endpoint: 'spare' } });
    const [timedOut] = usageOf(sampleTimedOut(), { ...context, lastCall: undefined, gameId: undefined });
    expect(timedOut).toMatchObject({ counts: { turnsTimedOut: 1 }, group: { model: '', endpoint: '', gameId: '' } });
  });

  test('counts the moves of completed turns, what the game made of them, and attempts without a valid one', () => {
    const [proposed] = usageOf(sampleCompleted({ move: { verb: 'go' } }), context);
    expect(proposed?.counts).toMatchObject({ turnsCompleted: 1, movesProposed: 1 });
    const verdicts = [sampleMoveAccepted(), sampleMoveRejected()].flatMap((event) => usageOf(event, context));
    expect(countsOf(verdicts)).toEqual([{ movesAccepted: 1 }, { movesRejected: 1 }]);
    const invalid = sampleAttemptFailed({ code: MOVE_INVALID, usage: sampleUsage, costMicroUsd: 9 });
    expect(countsOf(usageOf(invalid, context))).toEqual([
      { ...tokens, costMicroUsd: 9, pricedCalls: 1, movesInvalid: 1 },
    ]);
    expect(countsOf(usageOf(sampleAttemptFailed({ code: MOVE_INVALID }), context))).toEqual([{ movesInvalid: 1 }]);
  });

  test.each([
    ['a request', sampleRequested()],
    ['a failed attempt without an account', sampleAttemptFailed()],
  ])('of %s is nothing', (_name, event) => {
    expect(usageOf(event, context)).toEqual([]);
  });
});

describe('evolveUsageRecord', () => {
  const [change] = usageOf(sampleCompleted(), context);

  test('adds up, counts events and notes the last one’s position', () => {
    if (!change) return;
    const first = evolveUsageRecord(undefined, [change], 7n);
    const second = evolveUsageRecord(first, [change, change], 9n);
    expect(second).toMatchObject({
      turnsCompleted: 3,
      costMicroUsd: 135,
      inputTokens: 360,
      position: '9',
      revision: 2,
    });
    expect(second.day).toBe('2026-01-31');
  });

  test('is kept under a key that no name of a model can forge', () => {
    if (!change) return;
    const { group } = change;
    const keys = [
      group,
      { ...group, model: 'big","main' },
      { ...group, model: 'big', endpoint: '' },
      { ...group, model: 'bigmain', endpoint: '' },
    ].map(usageKey);
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe('a summary', () => {
  test('counts as a call, and as what it cost, and as no turn', () => {
    const priced = { ...tokens, costMicroUsd: 45, pricedCalls: 1 };
    expect(countsOf(usageOf(sampleSummaryStarted(), context))).toEqual([{ calls: 1 }]);
    expect(countsOf(usageOf(sampleSummarised(), context))).toEqual([priced]);
    expect(countsOf(usageOf(sampleSummaryFailed(), context))).toEqual([priced]);
    const { summaryId, callId } = sampleSummaryFailed().data;
    const lost = { type: 'SummaryFailed', data: { summaryId, callId, code: 'worker_lost' } } as const;
    expect(usageOf(lost, context)).toEqual([]);
  });

  test('counts for the scenario version of its call', () => {
    const call = { scenarioVersion: 7 };
    expect(countedVersion(sampleSummaryStarted(), undefined, undefined)).toBe(1);
    expect(countedVersion(sampleSummarised(), undefined, call)).toBe(7);
    expect(countedVersion(sampleSummaryFailed(), undefined, undefined)).toBeUndefined();
    expect(countedVersion(sampleCompleted(), { scenarioVersion: 3 }, call)).toBe(3);
  });
});
