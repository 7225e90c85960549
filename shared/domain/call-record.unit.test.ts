import { describe, expect, test } from '@jest/globals';
import { sampleIds, samplePlannedCall, sampleUsage } from '../testing/sample-commands.ts';
import {
  sampleAttemptFailed,
  sampleCancelled,
  sampleClaimed,
  sampleCompleted,
  sampleFailed,
  sampleRequested,
  sampleSettled,
  sampleSummarised,
  sampleSummaryFailed,
  sampleSummaryStarted,
} from '../testing/sample-events.ts';
import { type CallRecordContext, callIdsOf, evolveCallRecord } from './call-record.ts';
import type { SessionEvent } from './session/events.ts';

const contextAt = (revision: number, callId: string = sampleIds.call): CallRecordContext => ({
  callId,
  sessionId: sampleIds.session,
  gameId: 'noir',
  scenarioId: 'tavern',
  scenarioVersion: 2,
  playerId: undefined,
  revision,
  recordedAt: `2026-01-01T00:00:0${revision}.000Z`,
});

const fold = (...events: readonly SessionEvent[]) =>
  events.reduce(
    (record, event, revision) => evolveCallRecord(record, event, contextAt(revision)),
    undefined as ReturnType<typeof evolveCallRecord>,
  );

describe('evolveCallRecord', () => {
  test('opens a call when it is planned', () => {
    expect(fold(sampleClaimed())).toEqual({
      callId: sampleIds.call,
      turnId: sampleIds.turn,
      sessionId: sampleIds.session,
      attempt: 1,
      scenarioId: 'tavern',
      scenarioVersion: 2,
      gameId: 'noir',
      model: 'default',
      endpoint: 'main',
      status: 'open',
      startedAt: '2026-01-01T00:00:00.000Z',
      revision: 0,
    });
  });

  test('tells the calls of one attempt apart', () => {
    const calls = [samplePlannedCall(), { ...samplePlannedCall(sampleIds.nextCall), model: 'other' }];
    const event = sampleClaimed({ calls });
    expect(callIdsOf(event)).toEqual([sampleIds.call, sampleIds.nextCall]);
    expect(evolveCallRecord(undefined, event, contextAt(0, sampleIds.nextCall))?.model).toBe('other');
  });

  test('a completed turn gives the account of its call, under the model that was asked', () => {
    expect(fold(sampleClaimed(), sampleCompleted())).toMatchObject({
      status: 'completed',
      model: 'default',
      usage: sampleUsage,
      costMicroUsd: 45,
      firstTokenMs: 210,
      durationMs: 900,
      endedAt: '2026-01-01T00:00:01.000Z',
    });
  });

  test('a failed attempt says why, and what was spent if that is known', () => {
    const failed = fold(sampleClaimed(), sampleAttemptFailed({ providerStatus: 503 }));
    expect(failed).toMatchObject({ status: 'failed', code: 'model_overloaded', providerStatus: 503 });
    expect(failed?.usage).toBeUndefined();
  });

  test('what is settled later keeps why it failed and when it ended', () => {
    const lost = sampleAttemptFailed({ code: 'worker_lost' });
    expect(fold(sampleClaimed(), lost, sampleSettled({ outcome: 'lost' }))).toMatchObject({
      status: 'lost',
      code: 'worker_lost',
      usage: sampleUsage,
      endedAt: '2026-01-01T00:00:01.000Z',
    });
  });

  test.each([
    ['a request', sampleRequested()],
    ['a cancel', sampleCancelled()],
    ['a failure of the turn', sampleFailed()],
  ])('%s is about no call', (_name, event) => {
    expect(callIdsOf(event)).toEqual([]);
  });

  test('an account of a call that was never planned makes none', () => {
    expect(fold(sampleCompleted())).toBeUndefined();
  });
});

describe('the call of a summary', () => {
  test('is of the turn that it covers last, under the version it was planned for', () => {
    const started = sampleSummaryStarted();
    expect(callIdsOf(started)).toEqual([sampleIds.call]);
    expect(fold(started)).toMatchObject({
      turnId: sampleIds.turn,
      attempt: 1,
      purpose: 'summary',
      scenarioVersion: started.data.prompt.scenarioVersion,
      status: 'open',
    });
  });

  test('has its account whatever came of it, and keeps when it ended if its bill comes later', () => {
    expect(fold(sampleSummaryStarted(), sampleSummarised())).toMatchObject({ status: 'completed', usage: sampleUsage });
    const { usage: _unknown, costMicroUsd: _as, priceTable: _yet, ...lost } = sampleSummaryFailed().data;
    const given = { type: 'SummaryFailed', data: { ...lost, code: 'worker_lost' } } as const;
    const late = fold(sampleSummaryStarted(), given, sampleSummaryFailed({ code: 'summary_late' }));
    expect(late).toMatchObject({ status: 'failed', code: 'summary_late', usage: sampleUsage });
    expect(late?.endedAt).toBe(fold(sampleSummaryStarted(), given)?.endedAt);
  });
});
