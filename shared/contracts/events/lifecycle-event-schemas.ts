import { z } from 'zod';
import { limits } from '../limits.ts';
import { count } from './call-fields.ts';
import { actorText, opaqueId, scenarioIdText, sealed, sha256Hex, uuid } from './fields.ts';

const participant = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('player'), playerId: uuid }),
  z.strictObject({ kind: z.literal('npc'), scenarioId: scenarioIdText }),
]);

const lineageSegment = z.strictObject({
  sessionId: uuid,
  throughTurnId: uuid,
  throughPosition: z.int().min(1),
  throughRevision: count,
});

/** The newest version of every event that begins, branches, changes or ends a session, as stored. */
export const lifecycleEventSchemas = {
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
} as const;
