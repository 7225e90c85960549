import type { PlayerEvent, ScenarioEvent, SessionEvent } from '../../domain/index.ts';
import { contentHash } from '../../trust/index.ts';

/** Ids of the golden streams; fixed for good, as all that stands in these files is. */
export const goldenIds = {
  session: '0198c0de-0000-7000-8000-000000000001',
  player: '0198c0de-0000-7000-8000-000000000002',
  key: '0198c0de-0000-7000-8000-000000000004',
  fork: '0198c0de-0000-7000-8000-000000000003',
  worker: '0198c0de-0000-7000-8000-000000000005',
  rerun: '0198c0de-0000-7000-8000-000000000006',
  failedRerun: '0198c0de-0000-7000-8000-000000000007',
  repeat: '0198c0de-0000-8000-8000-000000000008',
} as const;

/** A UUID of a kind (a turn, a call) by its number. */
export const numbered = (kind: number, number: number) =>
  `0198c0de-000${kind}-7000-8000-${String(number).padStart(12, '0')}`;
export const turnId = (number: number) => numbered(1, number);
const callId = (number: number) => numbered(2, number);
export const hmac = (text: string) => contentHash(text);

const usage = { input: 120, cached: 64, output: 30, reasoning: 6, source: 'reported' } as const;
const cost = { costMicroUsd: 45, priceTable: 'operator_0a1b2c3d' } as const;
const provider = { responseId: 'chatcmpl-1', model: 'some-model-2026', fingerprint: 'fp_1' } as const;

/** A scenario with every field that a version of today can have, a second version asked for with a key, gates that it did not pass, and its end. */
export const goldenScenario: readonly ScenarioEvent[] = [
  {
    type: 'ScenarioConfigured',
    data: {
      version: 1,
      configHash: hmac('config 1'),
      note: 'first',
      persona: { name: 'Marta Reis', instructions: 'You are a harbour clerk.', greeting: 'Yes?' },
      models: [
        { name: 'default', endpoint: 'default', weight: 1, stop: [] },
        { name: 'small', endpoint: 'fast', weight: 2.5, temperature: 0.7, topP: 0.9, maxTokens: 150, stop: ['\n'] },
      ],
      strategy: 'fallback',
      history: {
        windowTurns: 20,
        inputTokenBudget: 8_000,
        summary: { mode: 'rolling', maxTokens: 400, model: 'small' },
      },
      moves: {
        mode: 'optional',
        schema: { type: 'object', required: ['verb'], properties: { verb: { enum: ['go'] } } },
      },
      view: { model: ['/clues'], public: ['/room'] },
      turns: { onBusy: 'interrupt', maxTurns: 500 },
      deadlines: { firstTokenMs: 10_000, totalMs: 30_000 },
      retry: { maxAttempts: 3 },
      fallbackLines: ['She looks at the harbour.'],
    },
  },
  { type: 'ScenarioVersionPromoted', data: { version: 1 } },
  {
    type: 'ScenarioConfigured',
    data: {
      version: 2,
      configHash: hmac('config 2'),
      request: { keyHash: hmac('key'), bodyHash: hmac('body') },
      persona: { name: 'Marta Reis', instructions: 'You are a harbour clerk with something to hide.' },
      models: [{ name: 'default', endpoint: 'default', weight: 1, stop: [] }],
      strategy: 'single',
      history: { windowTurns: 0, inputTokenBudget: 1 },
      moves: { mode: 'none' },
      view: { model: [], public: [] },
      turns: { onBusy: 'reject', maxTurns: 1 },
      deadlines: { firstTokenMs: 100, totalMs: 100 },
      retry: { maxAttempts: 1 },
      fallbackLines: [],
    },
  },
  { type: 'ScenarioGateOpened', data: { version: 2, rerunId: numbered(6, 1), thresholds: { minTurns: 1 } } },
  {
    type: 'ScenarioGateClosed',
    data: { version: 2, rerunId: numbered(6, 1), outcome: 'abandoned', missed: [] },
  },
  {
    type: 'ScenarioGateOpened',
    data: {
      version: 2,
      rerunId: goldenIds.rerun,
      thresholds: {
        minTurns: 4,
        maxFailedRate: 0.1,
        maxDivergedRate: 0.5,
        maxIllegalMoveRate: 0,
        minSimilarity: 0.75,
        maxCostRatio: 1.5,
        maxLatencyRatio: 1.25,
      },
    },
  },
  {
    type: 'ScenarioGateClosed',
    data: {
      version: 2,
      rerunId: goldenIds.rerun,
      outcome: 'incomplete',
      missed: [
        { threshold: 'minTurns', limit: 4, measured: 3 },
        { threshold: 'maxFailedRate', limit: 0.1, measured: 1 / 3 },
        { threshold: 'minSimilarity', limit: 0.75, measured: 0.625 },
        { threshold: 'maxLatencyRatio', limit: 1.25 },
      ],
    },
  },
  { type: 'ScenarioRetired', data: { version: 1, reason: 'the season is over' } },
];

export const goldenPlayer: readonly PlayerEvent<'plain'>[] = [
  { type: 'PlayerRegistered', data: { externalId: 'steam:1234', keyId: goldenIds.key } },
  {
    type: 'PlayerProfileUpdated',
    data: {
      displayName: 'Inês',
      locale: 'pt-PT',
      traits: { patience: 3, likes: ['tides'] },
      consent: { training: false, analytics: true },
      profileHmac: hmac('profile'),
    },
  },
];

/** A turn by its number, asked for by the golden player unless the input says otherwise. */
export const requested = (number: number, position: number, input: object): SessionEvent<'plain'> => ({
  type: 'TurnRequested',
  data: {
    turnId: turnId(number),
    position,
    scenarioVersion: 1,
    speaker: { kind: 'player', playerId: goldenIds.player },
    tokens: 7,
    deadlineMs: 30_000,
    bodyHmac: hmac(`turn ${number}`),
    ...input,
  },
});

export const started = (number: number, attempt: number, call: number, prompt: object = {}): SessionEvent<'plain'> => ({
  type: 'TurnStarted',
  data: {
    turnId: turnId(number),
    attempt,
    worker: goldenIds.worker,
    leaseMs: 5_000,
    calls: [
      {
        callId: callId(call),
        purpose: 'reply',
        model: 'some-model',
        endpoint: 'default',
        parameters: { temperature: 0.7, topP: 1, maxTokens: 150, stops: 1 },
      },
    ],
    prompt: {
      assembler: 1,
      foldedThroughRevision: 1,
      ...(number > 1 && { fromTurnId: turnId(1), throughTurnId: turnId(number - 1) }),
      scenarioVersion: 1,
      estimatedTokens: 120,
      hmac: hmac(`prompt ${call}`),
      ...prompt,
    },
  },
});

export const failed = (number: number, attempt: number, call: number, more: object): SessionEvent<'plain'> => ({
  type: 'TurnAttemptFailed',
  data: { turnId: turnId(number), attempt, callId: callId(call), code: 'model_overloaded', ...more },
});

export const completed = (number: number, attempt: number, call: number, more: object): SessionEvent<'plain'> => ({
  type: 'TurnCompleted',
  data: {
    turnId: turnId(number),
    attempt,
    callId: callId(call),
    reply: 'At the customs house.',
    finishReason: 'stop',
    usage,
    ...cost,
    ttftMs: 210.4,
    durationMs: 900,
    provider,
    ...more,
  },
});

const summaryId = (number: number) => numbered(5, number);

/** The claim of a summary by its number, of the turns through one that stands at its own number; it may extend another. */
export const summaryStarted = (
  number: number,
  through: number,
  call: number,
  extended?: number,
): SessionEvent<'plain'> => ({
  type: 'SummaryStarted',
  data: {
    summaryId: summaryId(number),
    fromTurnId: turnId(1),
    throughTurnId: turnId(through),
    throughPosition: through,
    worker: goldenIds.worker,
    leaseMs: 5_000,
    calls: [
      {
        callId: callId(call),
        purpose: 'summary',
        model: 'some-model',
        endpoint: 'default',
        parameters: { temperature: 0.7, topP: 1, maxTokens: 400, stops: 0 },
      },
    ],
    prompt: {
      assembler: 7,
      foldedThroughRevision: 1,
      fromTurnId: turnId(extended === undefined ? 1 : through),
      throughTurnId: turnId(through),
      scenarioVersion: 1,
      ...(extended !== undefined && { summaryId: summaryId(extended) }),
      estimatedTokens: 300,
      hmac: hmac(`summary ${call}`),
    },
  },
});

export const summarised = (number: number, through: number, call: number): SessionEvent<'plain'> => ({
  type: 'HistorySummarized',
  data: {
    summaryId: summaryId(number),
    callId: callId(call),
    fromTurnId: turnId(1),
    throughTurnId: turnId(through),
    throughPosition: through,
    text: 'The player asked Marta where she was at 22:40. She said: at the customs house.',
    tokens: 24,
    finishReason: 'stop',
    usage,
    ...cost,
    ttftMs: 310.2,
    durationMs: 1_200,
    provider,
  },
});

export const summaryFailed = (
  number: number,
  call: number,
  { code, providerStatus, usage: isPaid }: { code: string; providerStatus?: number; usage?: true },
): SessionEvent<'plain'> => ({
  type: 'SummaryFailed',
  data: {
    summaryId: summaryId(number),
    callId: callId(call),
    code,
    ...(providerStatus !== undefined && { providerStatus }),
    ...(isPaid && { usage, ...cost }),
  },
});

/** A session in which everything happens that could at first: one turn for each way to end, a trigger, a superseded turn, late money. */
export const goldenOpening: readonly SessionEvent<'plain'>[] = [
  {
    type: 'SessionStarted',
    data: {
      scenarioId: 'lisbon-ledger.marta',
      scenarioVersion: 1,
      gameId: 'lisbon',
      participants: [
        { kind: 'player', playerId: goldenIds.player },
        { kind: 'npc', scenarioId: 'lisbon-ledger.marta' },
      ],
      keyId: goldenIds.key,
      metadata: { quest: 'harbour' },
      bodyHmac: hmac('session'),
    },
  },
  requested(1, 1, {
    text: 'Where were you at 22:40?',
    state: { rev: 7, data: { clues: ['ledger'], room: 'office', secret: 'vault' } },
    metadata: { line: 1 },
    overrides: { model: 'small', temperature: 0.2, topP: 0.5, maxTokens: 50, stop: ['\n'] },
  }),
  started(1, 1, 1),
  failed(1, 1, 1, { providerStatus: 503, retryInMs: 250.5, reply: 'At the', usage, costMicroUsd: 45 }),
  started(1, 2, 2),
  completed(1, 2, 2, {}),
  requested(2, 2, { trigger: { name: 'silence', args: { seconds: 20 } }, speaker: { kind: 'game' } }),
  started(2, 1, 3),
  {
    type: 'TurnCancelled',
    data: { turnId: turnId(2), attempt: 1, by: 'game', reason: 'superseded', partial: 'You are' },
  },
  requested(3, 3, { text: 'Answer me!' }),
  {
    type: 'AttemptSettled',
    data: { turnId: turnId(2), attempt: 1, callId: callId(3), outcome: 'cancelled', usage, ...cost, provider },
  },
  started(3, 1, 4),
  failed(3, 1, 4, {}),
  {
    type: 'TurnFailed',
    data: {
      turnId: turnId(3),
      attempt: 1,
      code: 'model_overloaded',
      stage: 'model',
      partial: 'I',
      fallback: 'She looks at the harbour.',
      usage,
      costMicroUsd: 45,
    },
  },
  requested(4, 4, { text: 'Hello?' }),
  {
    type: 'TurnTimedOut',
    data: {
      turnId: turnId(4),
      phase: 'queue',
      elapsedMs: 30_000,
      fallback: 'She looks at the harbour.',
    },
  },
  { type: 'SessionReconfigured', data: { scenarioVersion: 2, reason: 'a softer clerk' } },
];

/** Its last turn, at a place in its history, and its end. */
export const goldenClosing = (position: number): readonly SessionEvent<'plain'>[] => [
  requested(5, position, { text: 'Who else was there?', scenarioVersion: 2 }),
  {
    type: 'TurnCancelled',
    data: { turnId: turnId(5), by: `player:${goldenIds.player}`, reason: 'session_ended' },
  },
  { type: 'SessionEnded', data: { outcome: 'won', score: 12.5, by: 'game' } },
];
