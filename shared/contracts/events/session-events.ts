import { z } from 'zod';
import { limits } from '../limits.ts';
import {
  actorText,
  codeText,
  opaqueId,
  providerText,
  scenarioIdText,
  sealed,
  sha256Hex,
  triggerName,
  uuid,
} from './fields.ts';

const count = z.int().min(0);
const attempt = z.int().min(1);
const milliseconds = z.number().min(0);

const participant = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('player'), playerId: uuid }),
  z.strictObject({ kind: z.literal('npc'), scenarioId: scenarioIdText }),
]);

const speaker = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('player'), playerId: uuid }),
  z.strictObject({ kind: z.literal('game') }),
]);

const usage = z.strictObject({
  input: count,
  cached: count,
  output: count,
  reasoning: count,
  source: z.enum(['reported', 'estimated']),
});

const cost = { costMicroUsd: count.optional(), priceTable: codeText };

const provider = z.strictObject({
  responseId: providerText.optional(),
  model: providerText,
  fingerprint: providerText.optional(),
});

const callParameters = z.strictObject({
  temperature: z.number().optional(),
  topP: z.number().optional(),
  maxTokens: count.optional(),
  stops: count,
});

const plannedCall = <Purpose extends 'reply' | 'summary'>(purpose: Purpose) =>
  z.strictObject({
    callId: uuid,
    purpose: z.literal(purpose),
    model: providerText,
    endpoint: codeText,
    parameters: callParameters,
  });

const promptManifest = z.strictObject({
  assembler: z.int().min(1),
  foldedThroughRevision: count,
  fromTurnId: uuid.optional(),
  throughTurnId: uuid.optional(),
  scenarioVersion: z.int().min(1),
  correctionOfAttempt: attempt.optional(),
  summaryId: uuid.optional(),
  estimatedTokens: count,
  hmac: sha256Hex,
});

const lineageSegment = z.strictObject({
  sessionId: uuid,
  throughTurnId: uuid,
  throughPosition: z.int().min(1),
  throughRevision: count,
});

/** The newest version of every event of a session stream, as stored. */
export const sessionEventSchemas = {
  SessionStarted: z.strictObject({
    scenarioId: scenarioIdText,
    scenarioVersion: z.int().min(1),
    gameId: opaqueId.optional(),
    participants: z.array(participant).max(16),
    keyId: uuid,
    metadata: sealed.optional(),
    bodyHmac: sha256Hex,
  }),
  SessionForked: z.strictObject({
    lineage: z.array(lineageSegment).min(1).max(limits.session.maxForkSegments),
    parentHash: sha256Hex,
    scenarioId: scenarioIdText,
    scenarioVersion: z.int().min(1),
    gameId: opaqueId.optional(),
    participants: z.array(participant).max(16),
    keyId: uuid,
    metadata: sealed.optional(),
    bodyHmac: sha256Hex,
  }),
  RerunSessionStarted: z.strictObject({
    rerunId: uuid,
    source: z.strictObject({ sessionId: uuid, turnId: uuid }),
    /** One more than a fork may have: the session that is asked again adds its own. */
    lineage: z.array(lineageSegment).max(limits.session.maxForkSegments + 1),
    parentHash: sha256Hex.optional(),
    scenarioId: scenarioIdText,
    scenarioVersion: z.int().min(1),
    gameId: opaqueId.optional(),
    participants: z.array(participant).max(16),
    keyId: uuid,
  }),
  TurnRequested: z.strictObject({
    turnId: uuid,
    position: z.int().min(1),
    scenarioVersion: z.int().min(1),
    speaker,
    text: sealed.optional(),
    trigger: z.strictObject({ name: triggerName, args: sealed.optional() }).optional(),
    state: z.strictObject({ rev: count, data: sealed }).optional(),
    metadata: sealed.optional(),
    tokens: count,
    deadlineMs: z.int().min(1),
    bodyHmac: sha256Hex,
    overrides: z
      .strictObject({
        model: providerText.optional(),
        temperature: z.number().optional(),
        topP: z.number().optional(),
        maxTokens: count.optional(),
        stop: sealed.optional(),
      })
      .optional(),
  }),
  TurnStarted: z.strictObject({
    turnId: uuid,
    attempt,
    worker: uuid,
    leaseMs: z.int().min(1),
    calls: z.array(plannedCall('reply')).min(1).max(8),
    prompt: promptManifest,
  }),
  TurnAttemptFailed: z.strictObject({
    turnId: uuid,
    attempt,
    callId: uuid.optional(),
    code: codeText,
    providerStatus: z.int().optional(),
    retryInMs: milliseconds.optional(),
    reply: sealed.optional(),
    usage: usage.optional(),
    costMicroUsd: count.optional(),
  }),
  TurnCompleted: z.strictObject({
    turnId: uuid,
    attempt,
    callId: uuid,
    reply: sealed,
    move: sealed.optional(),
    finishReason: z.enum(['stop', 'length']),
    usage,
    ...cost,
    ttftMs: milliseconds,
    durationMs: milliseconds,
    provider,
  }),
  TurnReused: z.strictObject({
    turnId: uuid,
    source: z.strictObject({ sessionId: uuid, turnId: uuid }),
    hmac: sha256Hex,
    reply: sealed,
    move: sealed.optional(),
    finishReason: z.enum(['stop', 'length']),
    model: providerText,
  }),
  TurnFailed: z.strictObject({
    turnId: uuid,
    attempt: attempt.optional(),
    code: codeText,
    stage: z.enum(['queue', 'prompt', 'model']),
    partial: sealed.optional(),
    fallback: sealed.optional(),
    usage: usage.optional(),
    costMicroUsd: count.optional(),
  }),
  TurnCancelled: z.strictObject({
    turnId: uuid,
    attempt: attempt.optional(),
    by: actorText,
    reason: z.enum(['requested', 'session_ended', 'superseded']),
    partial: sealed.optional(),
  }),
  TurnTimedOut: z.strictObject({
    turnId: uuid,
    attempt: attempt.optional(),
    phase: z.enum(['queue', 'first_token', 'total']),
    elapsedMs: milliseconds,
    partial: sealed.optional(),
    fallback: sealed.optional(),
  }),
  AttemptSettled: z.strictObject({
    turnId: uuid,
    attempt,
    callId: uuid,
    outcome: z.enum(['late', 'cancelled', 'timed_out', 'lost']),
    usage,
    ...cost,
    provider: provider.optional(),
  }),
  MoveAccepted: z.strictObject({ turnId: uuid, stateRev: count }),
  MoveRejected: z.strictObject({ turnId: uuid, reason: sealed }),
  SessionReconfigured: z.strictObject({ scenarioVersion: z.int().min(1), reason: sealed.optional() }),
  SessionBookmarked: z.strictObject({
    bookmarkId: uuid,
    turnId: uuid,
    label: sealed.optional(),
    bodyHmac: sha256Hex,
  }),
  SessionRewound: z.strictObject({
    rewindId: uuid,
    toTurnId: uuid.optional(),
    toPosition: count,
    by: actorText,
    reason: sealed.optional(),
    bodyHmac: sha256Hex,
  }),
  SessionEnded: z.strictObject({
    outcome: z.enum(['completed', 'won', 'lost', 'drawn', 'abandoned', 'expired']),
    score: z.number().optional(),
    by: z.enum(['game', 'player', 'limit', 'idle']),
  }),
  SummaryStarted: z.strictObject({
    summaryId: uuid,
    fromTurnId: uuid,
    throughTurnId: uuid,
    throughPosition: z.int().min(1),
    worker: uuid,
    leaseMs: z.int().min(1),
    calls: z.array(plannedCall('summary')).min(1).max(8),
    prompt: promptManifest,
  }),
  HistorySummarized: z.strictObject({
    summaryId: uuid,
    callId: uuid,
    fromTurnId: uuid,
    throughTurnId: uuid,
    throughPosition: z.int().min(1),
    text: sealed,
    tokens: count,
    finishReason: z.enum(['stop', 'length']),
    usage,
    ...cost,
    ttftMs: milliseconds,
    durationMs: milliseconds,
    provider,
  }),
  SummaryFailed: z.strictObject({
    summaryId: uuid,
    callId: uuid,
    code: codeText,
    providerStatus: z.int().optional(),
    usage: usage.optional(),
    costMicroUsd: count.optional(),
    priceTable: codeText.optional(),
  }),
} as const;
