import { describe, expect, test } from '@jest/globals';
import { deepFreeze } from '../testing/deep-freeze.ts';
import { sampleIds, samplePlannedCall, sampleUsage } from '../testing/sample-commands.ts';
import {
  sampleAttemptFailed,
  sampleCancelled,
  sampleClaimed,
  sampleCompleted,
  sampleEnded,
  sampleFailed,
  sampleMoveAccepted,
  sampleMoveRejected,
  sampleRequested,
  sampleReused,
  sampleSettled,
  sampleStarted,
  sampleTimedOut,
} from '../testing/sample-events.ts';
import type { SessionEvent } from './session/events.ts';
import { evolveTurnRecord, type TurnRecord, turnIdOf } from './turn-record.ts';

const recordedAt = (revision: number): string => `2026-01-01T00:00:0${revision}.000Z`;

/** Folds as from revision 1: the session's start stands before. */
const fold = (...events: readonly SessionEvent<'plain'>[]): TurnRecord<'plain'> | undefined =>
  events.reduce<TurnRecord<'plain'> | undefined>((record, event, index) => {
    const revision = index + 1;
    const session = { sessionId: sampleIds.session, scenarioId: 'tavern', scenarioVersion: 1 };
    return deepFreeze(
      evolveTurnRecord(record, deepFreeze(event), { ...session, revision, recordedAt: recordedAt(revision) }),
    );
  }, undefined);

describe('evolveTurnRecord', () => {
  test('a requested turn shows its input, not the state the game sent', () => {
    const { turnId, speaker } = sampleRequested().data;
    expect(fold(sampleRequested({ state: { rev: 7, data: { hp: 3 } }, metadata: { map: 'cave' } }))).toStrictEqual({
      turnId,
      speaker,
      sessionId: sampleIds.session,
      scenarioId: 'tavern',
      scenarioVersion: 1,
      position: 1,
      requestedRevision: 1,
      status: 'requested',
      prompt: 'Who goes there?',
      promptTokens: 4,
      metadata: { map: 'cave' },
      stateRev: 7,
      attempts: 0,
      deadlineMs: 30_000,
      requestedAt: recordedAt(1),
      revision: 1,
    });
  });

  test('a started turn shows its model and counts the calls announced', () => {
    const second = sampleClaimed({ attempt: 2, calls: [{ ...samplePlannedCall(sampleIds.nextCall), model: 'spare' }] });
    const record = fold(sampleRequested(), sampleClaimed(), sampleAttemptFailed({ retryInMs: 0 }), second);
    expect(record).toMatchObject({ status: 'started', model: 'spare', attempts: 2, revision: 4 });
  });

  test('an attempt that failed is not the end of the turn', () => {
    const record = fold(sampleRequested(), sampleClaimed(), sampleAttemptFailed({ reply: 'A fr', retryInMs: 0 }));
    expect(record).toMatchObject({ status: 'started', revision: 3 });
    for (const name of ['reply', 'partial', 'errorCode', 'endedAt']) expect(record).not.toHaveProperty(name);
  });

  test('a completed turn shows reply, usage, times and the model that answered', () => {
    expect(fold(sampleRequested(), sampleClaimed(), sampleCompleted())).toMatchObject({
      status: 'completed',
      reply: 'A friend.',
      finishReason: 'stop',
      usage: sampleUsage,
      model: 'some-model',
      firstTokenMs: 210,
      durationMs: 900,
      endedAt: recordedAt(3),
    });
  });

  test('a completed turn shows the move that its reply proposed, and none where it proposed none', () => {
    const proposed = fold(sampleRequested(), sampleClaimed(), sampleCompleted({ move: { verb: 'go' } }));
    expect(proposed).toMatchObject({ move: { verb: 'go' } });
    expect(proposed).not.toHaveProperty('moveVerdict');
    expect(fold(sampleRequested(), sampleClaimed(), sampleCompleted())).not.toHaveProperty('move');
  });

  test('a turn whose recorded reply was reused shows it and its move, and neither a call, nor usage, nor times', () => {
    const reused = fold(sampleRequested(), sampleReused({ move: { verb: 'go' } }));
    expect(reused).toMatchObject({
      status: 'completed',
      reply: 'A friend.',
      move: { verb: 'go' },
      model: 'some-model',
      finishReason: 'stop',
      attempts: 0,
      endedAt: recordedAt(2),
      revision: 2,
    });
    for (const name of ['usage', 'firstTokenMs', 'durationMs', 'moveVerdict']) expect(reused).not.toHaveProperty(name);
    expect(fold(sampleRequested(), sampleReused())).not.toHaveProperty('move');
  });

  test.each([
    ['accepted', sampleMoveAccepted(), { verdict: 'accepted', stateRev: 8 }],
    ['rejected', sampleMoveRejected(), { verdict: 'rejected', reason: 'The door is locked.' }],
  ] as const)('a move that was %s shows the verdict beside it', (_verdict, judged, moveVerdict) => {
    const record = fold(sampleRequested(), sampleClaimed(), sampleCompleted({ move: { verb: 'go' } }), judged);
    expect(record).toMatchObject({ status: 'completed', move: { verb: 'go' }, moveVerdict, revision: 4 });
  });

  test('a failed turn shows its code, what was said, its fallback and its usage', () => {
    const ending = { partial: 'A fr', fallback: 'The wind howls.', usage: sampleUsage } as const;
    expect(fold(sampleRequested(), sampleClaimed(), sampleFailed(ending))).toMatchObject({
      ...ending,
      status: 'failed',
      errorCode: 'model_overloaded',
      endedAt: recordedAt(3),
    });
  });

  test('a cancelled turn shows what was said', () => {
    expect(fold(sampleRequested(), sampleClaimed(), sampleCancelled({ partial: 'A fr' }))).toMatchObject({
      status: 'cancelled',
      errorCode: 'turn_cancelled',
      partial: 'A fr',
    });
  });

  test.each(['queue', 'first_token', 'total'] as const)('a turn timed out in phase %s names the phase', (phase) => {
    expect(fold(sampleRequested(), sampleTimedOut({ phase, fallback: 'The wind howls.' }))).toMatchObject({
      status: 'timed_out',
      errorCode: `turn_timed_out_${phase}`,
      fallback: 'The wind howls.',
    });
  });

  test('a settled attempt after a bad ending adds the usage and changes neither status nor reply', () => {
    const before = fold(sampleRequested(), sampleClaimed(), sampleCancelled());
    const after = fold(sampleRequested(), sampleClaimed(), sampleCancelled(), sampleSettled({ outcome: 'cancelled' }));
    expect(after).toEqual({ ...before, usage: sampleUsage, revision: 4 });
  });

  test('a settled attempt does not replace the usage of the ending', () => {
    const other = { ...sampleUsage, output: 999 };
    const record = fold(
      sampleRequested(),
      sampleClaimed(),
      sampleCompleted(),
      sampleSettled({ usage: other, outcome: 'lost' }),
    );
    expect(record).toMatchObject({ status: 'completed', usage: sampleUsage, revision: 4 });
  });

  test('an attempt settled while another runs does not show its usage: the ending will have its own', () => {
    const lost = sampleAttemptFailed({ code: 'worker_lost' });
    const takenOver = [sampleRequested(), sampleClaimed(), lost, sampleClaimed({ attempt: 2 })];
    expect(fold(...takenOver, sampleSettled({ outcome: 'lost' }))).not.toHaveProperty('usage');
  });

  test('events of another turn, and of the session, change nothing', () => {
    const before = fold(sampleRequested());
    expect(fold(sampleRequested(), sampleClaimed({ turnId: sampleIds.nextTurn }), sampleEnded())).toEqual(before);
  });

  test('a turn that was never requested has no record', () => {
    expect(fold(sampleClaimed(), sampleCompleted())).toBeUndefined();
  });
});

describe('turnIdOf', () => {
  test("names the turn of an event about one, and none for the session's own", () => {
    expect(turnIdOf(sampleSettled())).toBe(sampleIds.turn);
    expect(turnIdOf(sampleStarted())).toBeUndefined();
    expect(turnIdOf(sampleEnded())).toBeUndefined();
  });
});
