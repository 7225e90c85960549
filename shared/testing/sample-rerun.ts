import type { RerunComparison, RerunRequest, TurnFigures } from '../domain/index.ts';
import { contentHash } from '../trust/index.ts';
import { sampleIds } from './sample-commands.ts';

/** Ids of the sample re-run; its session's is of version 8, as those of all re-runs are. */
export const sampleRerunIds = {
  rerun: '0198c0de-0000-5000-8000-0000000000d1',
  session: '0198c0de-0000-8000-8000-0000000000d2',
  turn: '0198c0de-0000-5000-8000-0000000000d3',
} as const;

/** A re-run of two turns of the sample session. */
export const sampleRerunRequest = (changes: Partial<RerunRequest> = {}): RerunRequest => ({
  scenarioId: 'tavern',
  mode: 'teacher_forced',
  sources: [{ sessionId: sampleIds.session, throughTurnId: sampleIds.nextTurn, turns: 2 }],
  turns: 2,
  overrides: {},
  reuse: true,
  concurrency: 2,
  bodyHash: contentHash('the body of the request'),
  ...changes,
});

/** A turn that was answered, in figures. */
export const sampleFigures = (changes: Partial<TurnFigures> = {}): TurnFigures => ({
  status: 'completed',
  move: 'none',
  attempts: 1,
  model: 'default',
  inputTokens: 120,
  outputTokens: 30,
  costMicroUsd: 100,
  firstTokenMs: 200,
  durationMs: 800,
  ...changes,
});

/** The sample turn, answered anew with other words. */
export const sampleComparison = (changes: Partial<RerunComparison> = {}): RerunComparison => ({
  sessionId: sampleIds.session,
  turnId: sampleIds.turn,
  position: 1,
  rerunSessionId: sampleRerunIds.session,
  rerunTurnId: sampleRerunIds.turn,
  outcome: 'completed',
  isSameText: false,
  similarity: 0.5,
  move: 'none',
  recorded: sampleFigures(),
  repeated: sampleFigures({ costMicroUsd: 150, durationMs: 600 }),
  ...changes,
});
