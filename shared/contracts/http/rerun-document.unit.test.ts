import { describe, expect, it } from '@jest/globals';
import type { z } from 'zod';
import {
  evolveRerun,
  initialRerun,
  type RerunComparison,
  type RerunEvent,
  type RerunRequest,
  type TurnRecord,
} from '../../domain/index.ts';
import { sampleIds } from '../../testing/sample-commands.ts';
import { sampleComparison, sampleFigures, sampleRerunIds, sampleRerunRequest } from '../../testing/sample-reruns.ts';
import { gateDocument } from './gate-document.ts';
import { rerunDocument, rerunListDocument } from './rerun-document.ts';
import { rerunListSchema, rerunSchema } from './rerun-schemas.ts';
import { rerunTurnDocument } from './rerun-turn-document.ts';
import { rerunTurnSchema } from './rerun-turn-schema.ts';

const at = '2026-01-01T00:00:00.000Z';

const gate = {
  version: 2,
  rerunId: sampleRerunIds.rerun,
  thresholds: { minTurns: 50, maxFailedRate: 0.02, maxIllegalMoveRate: 0, maxCostRatio: 1.2 },
  outcome: 'failed',
  missed: [
    { threshold: 'minTurns', limit: 50, measured: 2 },
    { threshold: 'maxIllegalMoveRate', limit: 0 },
  ],
} as const;

/** The document of a re-run after these events. */
function documentOf(
  events: readonly RerunEvent[],
  request: Partial<RerunRequest> = {},
  shown: Partial<Parameters<typeof rerunDocument>[0]> = {},
) {
  const requested = { type: 'RerunRequested', data: sampleRerunRequest(request) } as const;
  const state = [requested, ...events].reduce<typeof initialRerun>(evolveRerun, initialRerun);
  return rerunDocument({ rerunId: sampleRerunIds.rerun, state, requestedAt: at, ...shown });
}

const compared = (changes: Partial<RerunComparison> = {}): RerunEvent => ({
  type: 'RerunTurnCompared',
  data: sampleComparison(changes),
});

const reused = compared({
  turnId: sampleIds.nextTurn,
  position: 2,
  outcome: 'reused',
  isSameText: true,
  similarity: 1,
  repeated: sampleFigures({ attempts: 0, costMicroUsd: 0 }),
});

/** A document is what its schema says; what the schema does not tell of, at any depth, parsing leaves out. */
const expectDescribed = (schema: z.ZodType, document: unknown) => expect(schema.parse(document)).toEqual(document);

describe('rerunDocument', () => {
  it('has no rate and no ratio where there is nothing to divide by', () => {
    const { comparison } = documentOf([]);
    const nothing = { turns: 0, recorded: 0, repeated: 0, ratio: null };
    expect(comparison).toMatchObject({ diverged: 0, diverged_rate: null, similarity: { turns: 0, mean: null } });
    expect(comparison.moves.repeated).toEqual({ moves: 0, illegal: 0, unjudged: 0, illegal_rate: null });
    expect([comparison.cost_micro_usd, comparison.duration_ms]).toEqual([nothing, nothing]);
  });

  it('has no ratio where what was recorded was free', () => {
    const { comparison } = documentOf([compared({ recorded: sampleFigures({ costMicroUsd: 0 }) })]);
    expect(comparison.cost_micro_usd).toEqual({ turns: 1, recorded: 0, repeated: 150, ratio: null });
  });

  it('divides new by recorded, over the turns that were asked again', () => {
    const { comparison, progress, spent_micro_usd } = documentOf([compared(), reused]);
    expect(comparison.cost_micro_usd).toEqual({ turns: 1, recorded: 100, repeated: 150, ratio: 1.5 });
    expect(comparison.duration_ms).toEqual({ turns: 1, recorded: 800, repeated: 600, ratio: 0.75 });
    expect(comparison).toMatchObject({ diverged: 1, diverged_rate: 0.5, similarity: { turns: 2, mean: 0.75 } });
    expect(progress).toEqual({ sessions: 1, turns: 2, compared: 2, reused: 1, completed: 1, failed: 0 });
    expect(spent_micro_usd).toBe(150);
  });

  it('tells where each session first went another way', () => {
    const { sessions } = documentOf([
      compared({ turnId: sampleIds.nextTurn, position: 2 }),
      compared({ outcome: 'failed', code: 'model_overloaded' }),
    ]);
    expect(sessions).toEqual([
      {
        session_id: sampleIds.session,
        turns: 2,
        compared: 2,
        diverged: 2,
        first_divergence: { turn_id: sampleIds.turn, position: 1 },
      },
    ]);
  });

  it.each<[string, ReturnType<typeof documentOf>]>([
    ['has begun', documentOf([])],
    ['is being cancelled', documentOf([compared(), { type: 'RerunCancelled', data: { by: 'game' } }])],
    [
      'is over',
      documentOf(
        [compared(), reused, { type: 'RerunFinished', data: { outcome: 'completed' } }],
        { gameId: 'noir', gateVersion: 2, overrides: { scenarioVersion: 2 }, spendCapMicroUsd: 5_000 },
        { endedAt: at, gate },
      ),
    ],
    [
      'failed',
      documentOf(
        [{ type: 'RerunFinished', data: { outcome: 'failed', code: 'model_unavailable' } }],
        { overrides: { model: { name: 'small', endpoint: 'fast' }, temperature: 0.5, topP: 1, maxTokens: 9 } },
        { endedAt: at },
      ),
    ],
  ])('is as it is described of one that %s', (_case, document) => {
    expectDescribed(rerunSchema, document);
  });

  it('says why it failed as a whole', () => {
    const failed = { type: 'RerunFinished', data: { outcome: 'failed', code: 'model_unavailable' } } as const;
    expect(documentOf([failed])).toMatchObject({ status: 'failed', error: { code: 'model_unavailable' } });
  });
});

describe('gateDocument', () => {
  it('names thresholds as they were sent, and those that were not met with what was measured', () => {
    expect(gateDocument(gate)).toEqual({
      version: 2,
      rerun_id: sampleRerunIds.rerun,
      thresholds: { min_turns: 50, max_failed_rate: 0.02, max_illegal_move_rate: 0, max_cost_ratio: 1.2 },
      outcome: 'failed',
      missed: [
        { threshold: 'min_turns', limit: 50, measured: 2 },
        { threshold: 'max_illegal_move_rate', limit: 0, measured: null },
      ],
    });
  });

  it('has no outcome while it waits', () => {
    const { outcome: _closed, ...open } = gate;
    expect(gateDocument({ ...open, missed: [] })).toMatchObject({ outcome: null, missed: [] });
  });
});

describe('rerunListDocument', () => {
  const record = {
    rerunId: sampleRerunIds.rerun,
    scenarioId: 'tavern',
    mode: 'free_running',
    status: 'running',
    sessions: 1,
    turns: 2,
    compared: 0,
    reused: 0,
    failed: 0,
    spentMicroUsd: 0,
    requestedAt: at,
    revision: 0,
  } as const;

  it.each([
    ['runs', record],
    ['is over', { ...record, status: 'spend_cap_reached', gameId: 'noir', gateVersion: 2, endedAt: at } as const],
  ])('is as it is described of one that %s', (_case, shown) => {
    expectDescribed(rerunListSchema, rerunListDocument(shown));
  });
});

describe('rerunTurnDocument', () => {
  const turn: TurnRecord<'opened'> = {
    turnId: sampleIds.turn,
    sessionId: sampleIds.session,
    position: 1,
    status: 'completed',
    scenarioId: 'tavern',
    scenarioVersion: 1,
    speaker: { kind: 'game' },
    prompt: 'Who goes there?',
    promptTokens: 4,
    reply: 'A friend.',
    move: { verb: 'go' },
    attempts: 1,
    deadlineMs: 30_000,
    requestedAt: at,
    requestedRevision: 1,
    revision: 3,
  };

  it('has the texts of both sides beside their figures', () => {
    const document = rerunTurnDocument(sampleComparison(), turn, { ...turn, reply: 'A foe.' });
    expect(document).toMatchObject({
      prompt: 'Who goes there?',
      diverged: true,
      recorded: { response: 'A friend.', move: { verb: 'go' }, cost_micro_usd: 100, duration_ms: 800 },
      repeated: { response: 'A foe.', cost_micro_usd: 150, duration_ms: 600 },
    });
    expectDescribed(rerunTurnSchema, document);
  });

  it('keeps its figures where the texts are gone', () => {
    const figures = { status: 'timed_out', move: 'none', attempts: 0 } as const;
    const comparison = sampleComparison({ outcome: 'timed_out', code: 'turn_timed_out', repeated: figures });
    const document = rerunTurnDocument(comparison, undefined, undefined);
    expect(document).toMatchObject({
      prompt: null,
      error: { code: 'turn_timed_out' },
      recorded: { response: null, move: null, prompt_tokens: 120 },
      repeated: { response: null, model: null, prompt_tokens: null, cost_micro_usd: null, first_token_ms: null },
    });
    expectDescribed(rerunTurnSchema, document);
  });
});
