import type { RerunEvent, SessionEvent, TurnFigures } from '../../domain/index.ts';
import { completed, goldenIds, hmac, numbered, requested, started, turnId } from './golden-events.ts';

const asked: TurnFigures = {
  status: 'completed',
  move: 'accepted',
  attempts: 2,
  model: 'some-model-2026',
  inputTokens: 120,
  outputTokens: 30,
  costMicroUsd: 90,
  firstTokenMs: 210.4,
  durationMs: 900.5,
};

/** A re-run that a version had to stand, with everything that one can have: turns of each outcome, and an end before its time. */
export const goldenRerun: readonly RerunEvent[] = [
  {
    type: 'RerunRequested',
    data: {
      scenarioId: 'lisbon-ledger.marta',
      gameId: 'lisbon',
      mode: 'free_running',
      sources: [
        { sessionId: goldenIds.session, throughTurnId: turnId(4), turns: 3 },
        { sessionId: goldenIds.fork, throughTurnId: turnId(9), turns: 1 },
      ],
      turns: 4,
      overrides: {
        scenarioVersion: 2,
        model: { name: 'some-model', endpoint: 'fast' },
        temperature: 0.2,
        topP: 0.9,
        maxTokens: 100,
      },
      reuse: true,
      concurrency: 8,
      spendCapMicroUsd: 5_000_000,
      gateVersion: 2,
      bodyHash: hmac('re-run'),
    },
  },
  {
    type: 'RerunTurnCompared',
    data: {
      sessionId: goldenIds.session,
      turnId: turnId(3),
      position: 3,
      rerunSessionId: goldenIds.repeat,
      rerunTurnId: turnId(10),
      outcome: 'reused',
      isSameText: true,
      similarity: 1,
      move: 'same',
      recorded: asked,
      repeated: { status: 'completed', move: 'unjudged', attempts: 0, model: 'some-model-2026' },
    },
  },
  {
    type: 'RerunTurnCompared',
    data: {
      sessionId: goldenIds.session,
      turnId: turnId(4),
      position: 4,
      rerunSessionId: goldenIds.repeat,
      rerunTurnId: turnId(11),
      outcome: 'completed',
      isSameText: false,
      similarity: 0.25,
      move: 'changed',
      recorded: asked,
      repeated: { ...asked, move: 'unjudged', attempts: 1, costMicroUsd: 45, firstTokenMs: 180, durationMs: 700 },
    },
  },
  {
    type: 'RerunTurnCompared',
    data: {
      sessionId: goldenIds.fork,
      turnId: turnId(9),
      position: 4,
      rerunSessionId: numbered(6, 2).replace('-7000-', '-8000-'),
      rerunTurnId: turnId(12),
      outcome: 'failed',
      code: 'model_overloaded',
      isSameText: false,
      move: 'removed',
      recorded: { status: 'completed', move: 'unjudged', attempts: 1 },
      repeated: { status: 'failed', move: 'none', attempts: 3 },
    },
  },
  { type: 'RerunCancelled', data: { by: 'operator' } },
  { type: 'RerunFinished', data: { outcome: 'cancelled' } },
];

/** A re-run as plain as one can be, which failed as a whole. */
export const goldenFailedRerun: readonly RerunEvent[] = [
  {
    type: 'RerunRequested',
    data: {
      scenarioId: 'lisbon-ledger.marta',
      mode: 'teacher_forced',
      sources: [{ sessionId: goldenIds.session, throughTurnId: turnId(1), turns: 1 }],
      turns: 1,
      overrides: {},
      reuse: false,
      concurrency: 1,
      bodyHash: hmac('another re-run'),
    },
  },
  { type: 'RerunFinished', data: { outcome: 'failed', code: 'model_unavailable' } },
];

/** Where the golden session's turns are asked again from the third on: a reply that stands, and one that is new. */
export const goldenRepeat: readonly SessionEvent<'plain'>[] = [
  {
    type: 'RerunSessionStarted',
    data: {
      rerunId: goldenIds.rerun,
      source: { sessionId: goldenIds.session, turnId: turnId(3) },
      lineage: [{ sessionId: goldenIds.session, throughTurnId: turnId(2), throughPosition: 2, throughRevision: 16 }],
      parentHash: hmac('an event of the golden session'),
      scenarioId: 'lisbon-ledger.marta',
      scenarioVersion: 2,
      gameId: 'lisbon',
      participants: [
        { kind: 'player', playerId: goldenIds.player },
        { kind: 'npc', scenarioId: 'lisbon-ledger.marta' },
      ],
      keyId: goldenIds.key,
    },
  },
  requested(10, 3, { text: 'Answer me!', scenarioVersion: 2 }),
  {
    type: 'TurnReused',
    data: {
      turnId: turnId(10),
      source: { sessionId: goldenIds.session, turnId: turnId(3) },
      hmac: hmac('prompt 4'),
      reply: 'I have nothing to say.',
      move: { verb: 'go' },
      finishReason: 'stop',
      model: 'some-model-2026',
    },
  },
  requested(11, 4, { text: 'Hello?', scenarioVersion: 2 }),
  started(11, 1, 14, { assembler: 7, fromTurnId: turnId(1), throughTurnId: turnId(10), scenarioVersion: 2 }),
  completed(11, 1, 14, { reply: 'Yes?', move: { verb: 'go' } }),
];
