import type {
  BookmarkSession,
  ClaimTurn,
  CompleteSummary,
  CompleteTurn,
  FailAttempt,
  FailSummary,
  ForkSession,
  PlannedCall,
  PromptManifest,
  RequestTurn,
  RerunSessionStarted,
  ReuseTurn,
  RewindSession,
  StartSession,
  StartSummary,
  Usage,
} from '../domain/index.ts';

/** Ids of the sample session: UUIDs, as in a real stream. */
export const sampleIds = {
  session: '0198c0de-0000-7000-8000-000000000001',
  player: '0198c0de-0000-7000-8000-000000000002',
  stranger: '0198c0de-0000-7000-8000-000000000003',
  key: '0198c0de-0000-7000-8000-000000000004',
  turn: '5e6c1f0a-93c5-5b0e-8d3f-1c2b3a4d5e6f',
  nextTurn: '7a1d2c3b-4e5f-5a6b-9c8d-0e1f2a3b4c5d',
  call: '0198c0de-0000-7000-8000-0000000000c1',
  nextCall: '0198c0de-0000-7000-8000-0000000000c2',
  bookmark: '0198c0de-0000-5000-8000-0000000000b1',
  rewind: '0198c0de-0000-5000-8000-0000000000e1',
  parent: '0198c0de-0000-7000-8000-0000000000f0',
  parentTurn: '0198c0de-0000-5000-8000-0000000000f1',
  olderParentTurn: '0198c0de-0000-5000-8000-0000000000f2',
  summary: '0198c0de-0000-7000-8000-0000000000a1',
  nextSummary: '0198c0de-0000-7000-8000-0000000000a2',
  rerun: '0198c0de-0000-5000-8000-0000000000d1',
  rerunSession: '0198c0de-0000-8000-8000-0000000000d2',
} as const;

export const sampleUsage: Usage = { input: 120, cached: 0, output: 30, reasoning: 0, source: 'reported' };

export const sampleCost = { costMicroUsd: 45, priceTable: '2026-01' } as const;

export const samplePrompt: PromptManifest = {
  assembler: 1,
  foldedThroughRevision: 1,
  scenarioVersion: 1,
  estimatedTokens: 120,
  hmac: 'hmac-of-the-prompt',
};

export const samplePlannedCall = (callId: string = sampleIds.call): PlannedCall => ({
  callId,
  purpose: 'reply',
  model: 'default',
  endpoint: 'main',
  parameters: { stops: 0 },
});

export const sampleStart = (changes: Partial<StartSession> = {}): StartSession => ({
  scenarioId: 'tavern',
  scenarioVersion: 1,
  participants: [
    { kind: 'player', playerId: sampleIds.player },
    { kind: 'npc', scenarioId: 'tavern' },
  ],
  keyId: sampleIds.key,
  bodyHmac: 'hmac-of-the-session',
  ...changes,
});

export const sampleRequest = (changes: Partial<RequestTurn> = {}): RequestTurn => ({
  turnId: sampleIds.turn,
  speaker: { kind: 'player', playerId: sampleIds.player },
  text: 'Who goes there?',
  tokens: 4,
  deadlineMs: 30_000,
  bodyHmac: 'hmac-of-the-turn',
  maxTurns: 100,
  maxRecordedTurns: 1_000,
  ...changes,
});

/** A fork at the second turn of a session. */
export const sampleFork = (changes: Partial<ForkSession> = {}): ForkSession => ({
  ...sampleStart(),
  lineage: [
    { sessionId: sampleIds.parent, throughTurnId: sampleIds.parentTurn, throughPosition: 2, throughRevision: 6 },
  ],
  parentHash: 'hash-of-an-event',
  bodyHmac: 'hmac-of-the-fork',
  ...changes,
});

/** Where the sample turn is asked again as its session's first. */
export const sampleRerunStart = (changes: Partial<RerunSessionStarted['data']> = {}): RerunSessionStarted['data'] => {
  const { bodyHmac: _request, metadata: _facts, ...start } = sampleStart();
  const source = { sessionId: sampleIds.session, turnId: sampleIds.turn };
  return { ...start, rerunId: sampleIds.rerun, source, lineage: [], ...changes };
};

export const sampleReuse = (changes: Partial<ReuseTurn> = {}): ReuseTurn => ({
  turnId: sampleIds.turn,
  source: { sessionId: sampleIds.session, turnId: sampleIds.turn },
  hmac: 'hmac-of-the-prompt',
  reply: 'A friend.',
  finishReason: 'stop',
  model: 'some-model',
  ...changes,
});

export const sampleRewind = (changes: Partial<RewindSession> = {}): RewindSession => ({
  rewindId: sampleIds.rewind,
  by: 'game',
  bodyHmac: 'hmac-of-the-rewind',
  maxRewinds: 100,
  ...changes,
});

export const sampleBookmark = (changes: Partial<BookmarkSession> = {}): BookmarkSession => ({
  bookmarkId: sampleIds.bookmark,
  bodyHmac: 'hmac-of-the-bookmark',
  maxBookmarks: 100,
  ...changes,
});

export const sampleClaim = (changes: Partial<ClaimTurn> = {}): ClaimTurn => ({
  turnId: sampleIds.turn,
  attempt: 1,
  worker: 'worker-1',
  leaseMs: 5_000,
  calls: [samplePlannedCall()],
  prompt: samplePrompt,
  maxAttempts: 3,
  holderIsLost: false,
  ...changes,
});

export const sampleCompletion = (changes: Partial<CompleteTurn> = {}): CompleteTurn => ({
  turnId: sampleIds.turn,
  attempt: 1,
  callId: sampleIds.call,
  reply: 'A friend.',
  finishReason: 'stop',
  usage: sampleUsage,
  cost: sampleCost,
  ttftMs: 210,
  durationMs: 900,
  provider: { model: 'some-model' },
  ...changes,
});

export const sampleFailure = (changes: Partial<FailAttempt> = {}): FailAttempt => ({
  turnId: sampleIds.turn,
  attempt: 1,
  callId: sampleIds.call,
  code: 'model_overloaded',
  cost: { priceTable: '2026-01' },
  ...changes,
});

/** A summary of the sample turn alone. */
export const sampleSummaryClaim = (changes: Partial<StartSummary> = {}): StartSummary => ({
  summaryId: sampleIds.summary,
  fromTurnId: sampleIds.turn,
  throughTurnId: sampleIds.turn,
  throughPosition: 1,
  worker: 'worker-1',
  leaseMs: 5_000,
  calls: [{ ...samplePlannedCall(), purpose: 'summary' }],
  prompt: samplePrompt,
  ...changes,
});

export const sampleSummary = (changes: Partial<CompleteSummary> = {}): CompleteSummary => ({
  summaryId: sampleIds.summary,
  callId: sampleIds.call,
  fromTurnId: sampleIds.turn,
  text: 'A friend came to the bridge.',
  tokens: 9,
  finishReason: 'stop',
  usage: sampleUsage,
  cost: sampleCost,
  ttftMs: 210,
  durationMs: 900,
  provider: { model: 'some-model' },
  ...changes,
});

export const sampleSummaryFailure = (changes: Partial<FailSummary> = {}): FailSummary => ({
  summaryId: sampleIds.summary,
  callId: sampleIds.call,
  code: 'model_overloaded',
  usage: sampleUsage,
  cost: sampleCost,
  ...changes,
});
