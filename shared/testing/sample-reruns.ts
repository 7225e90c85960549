import type {
  RerunCancelled,
  RerunComparison,
  RerunFinished,
  RerunRequest,
  RerunRequested,
  RerunTurnCompared,
  TurnFigures,
} from '../domain/index.ts';
import { sampleIds } from './sample-commands.ts';

/** Ids of the sample re-run; its session's is of version 8, as those of all re-runs are. */
export const sampleRerunIds = {
  rerun: '0198c0de-0000-5000-8000-0000000000d1',
  session: '0198c0de-0000-8000-8000-0000000000d2',
  turn: '0198c0de-0000-5000-8000-0000000000d3',
} as const;

/** A re-run of the sample session's two turns. */
export const sampleRerunRequest = (changes: Partial<RerunRequest> = {}): RerunRequest => ({
  scenarioId: 'tavern',
  mode: 'teacher_forced',
  sources: [{ sessionId: sampleIds.session, throughTurnId: sampleIds.nextTurn, turns: 2 }],
  turns: 2,
  overrides: { scenarioVersion: 2 },
  reuse: true,
  concurrency: 8,
  bodyHash: 'a0'.repeat(32),
  ...changes,
});

export const sampleFigures = (changes: Partial<TurnFigures> = {}): TurnFigures => ({
  status: 'completed',
  move: 'none',
  attempts: 1,
  model: 'some-model',
  inputTokens: 120,
  outputTokens: 30,
  costMicroUsd: 100,
  firstTokenMs: 200,
  durationMs: 800,
  ...changes,
});

/** The sample turn, asked again: another reply, dearer and sooner. */
export const sampleComparison = (changes: Partial<RerunComparison> = {}): RerunComparison => ({
  sessionId: sampleIds.session,
  turnId: sampleIds.turn,
  position: 1,
  rerunSessionId: sampleIds.rerunSession,
  rerunTurnId: sampleIds.turn,
  outcome: 'completed',
  isSameText: false,
  similarity: 0.5,
  move: 'none',
  recorded: sampleFigures(),
  repeated: sampleFigures({ costMicroUsd: 150, durationMs: 600 }),
  ...changes,
});

export const sampleRerunRequested = (changes: Partial<RerunRequest> = {}): RerunRequested => ({
  type: 'RerunRequested',
  data: sampleRerunRequest(changes),
});

export const sampleCompared = (changes: Partial<RerunComparison> = {}): RerunTurnCompared => ({
  type: 'RerunTurnCompared',
  data: sampleComparison(changes),
});

export const sampleRerunCancelled = (): RerunCancelled => ({ type: 'RerunCancelled', data: { by: 'operator' } });

export const sampleRerunFinished = (changes: Partial<RerunFinished['data']> = {}): RerunFinished => ({
  type: 'RerunFinished',
  data: { outcome: 'completed', ...changes },
});
