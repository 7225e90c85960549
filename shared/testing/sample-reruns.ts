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

/** A re-run of the sample session's two turns. */
export const sampleRerunRequest = (changes: Partial<RerunRequest> = {}): RerunRequest => ({
  scenarioId: 'tavern',
  mode: 'teacher_forced',
  sources: [{ sessionId: sampleIds.session, throughTurnId: sampleIds.nextTurn, turns: 2 }],
  turns: 2,
  overrides: { scenarioVersion: 2 },
  reuse: true,
  concurrency: 8,
  bodyHash: 'hash-of-the-re-run',
  ...changes,
});

export const sampleFigures = (changes: Partial<TurnFigures> = {}): TurnFigures => ({
  status: 'completed',
  move: 'none',
  attempts: 1,
  model: 'some-model',
  inputTokens: 120,
  outputTokens: 30,
  costMicroUsd: 45,
  firstTokenMs: 210,
  durationMs: 900,
  ...changes,
});

/** The sample turn, asked again: another reply, at the same cost. */
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
  repeated: sampleFigures(),
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
