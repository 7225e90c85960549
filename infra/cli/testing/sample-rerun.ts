import type { Rerun, RerunTurn } from '@turnledger/shared/client';

export const sampleRerunId = '0197a9f0-5a3e-7cc0-9c2e-4b5a6c7d8e9f';
export const [firstSessionId, secondSessionId] = [
  '0197a9f0-0000-7000-8000-000000000001',
  '0197a9f0-0000-7000-8000-000000000002',
];

/** A re-run of two sessions with five turns that came through: one reply reused, one turn failed, the others diverged or did not. */
export const sampleRerun = (over: Partial<Rerun> = {}): Rerun => ({
  id: sampleRerunId,
  status: 'completed',
  scenarioId: 'lisbon-ledger.marta',
  gameId: null,
  mode: 'teacher_forced',
  overrides: { scenarioVersion: 2, model: null, temperature: null, topP: null, maxTokens: null },
  reuse: true,
  concurrency: 8,
  spendCapMicroUsd: null,
  gate: null,
  progress: { sessions: 2, turns: 5, compared: 5, reused: 1, completed: 3, failed: 1 },
  spentMicroUsd: 1_500,
  unpricedTurns: 1,
  comparison: {
    diverged: 3,
    divergedRate: 0.6,
    similarity: { turns: 4, mean: 0.625 },
    moves: {
      changed: 1,
      recorded: { moves: 4, illegal: 1, unjudged: 0, illegalRate: 0.25 },
      repeated: { moves: 4, illegal: 2, unjudged: 2, illegalRate: 0.5 },
    },
    costMicroUsd: { turns: 3, recorded: 1_000, repeated: 1_500, ratio: 1.5 },
    durationMs: { turns: 4, recorded: 3_600, repeated: 1_800, ratio: 0.5 },
    firstTokenMs: { turns: 0, recorded: 0, repeated: 0, ratio: null },
    promptTokens: { turns: 4, recorded: 280, repeated: 280, ratio: 1 },
    completionTokens: { turns: 4, recorded: 0, repeated: 40, ratio: null },
  },
  sessions: [
    {
      sessionId: firstSessionId,
      turns: 3,
      compared: 3,
      diverged: 3,
      firstDivergence: { turnId: firstSessionId, position: 2 },
    },
    { sessionId: secondSessionId, turns: 2, compared: 2, diverged: 0, firstDivergence: null },
  ],
  error: null,
  requestedAt: '2026-11-24T05:00:00.000Z',
  endedAt: '2026-11-24T05:01:00.000Z',
  ...over,
});

const side: RerunTurn['recorded'] = {
  status: 'completed',
  response: 'At the harbour, at night.',
  move: null,
  moveStanding: 'none',
  model: 'old',
  attempts: 1,
  promptTokens: 70,
  completionTokens: 50,
  costMicroUsd: 120,
  firstTokenMs: 210,
  durationMs: 900,
};

/** A turn that was answered otherwise; of the two sides what differs from the plainest one. */
export const sampleRerunTurn = (
  over: Partial<RerunTurn> = {},
  {
    recorded = {},
    repeated = {},
  }: { readonly recorded?: Partial<typeof side>; readonly repeated?: Partial<typeof side> } = {},
): RerunTurn => ({
  sessionId: firstSessionId,
  turnId: '0197a9f0-0000-7000-8000-000000000011',
  position: 2,
  rerunSessionId: '0197a9f0-0000-8000-8000-000000000021',
  rerunTurnId: '0197a9f0-0000-7000-8000-000000000022',
  prompt: 'Where were you?',
  outcome: 'completed',
  diverged: true,
  sameText: false,
  similarity: 0.6,
  moveDifference: 'none',
  error: null,
  ...over,
  recorded: { ...side, ...recorded },
  repeated: { ...side, model: 'new', costMicroUsd: null, durationMs: 700, ...repeated },
});
