import { z } from 'zod';
import { actorText, codeText, opaqueId, providerText, scenarioIdText, sha256Hex, uuid } from './fields.ts';

const count = z.int().min(0);
const atLeastOne = z.int().min(1);
const milliseconds = z.number().min(0);

const turnFigures = z.strictObject({
  status: z.enum(['requested', 'started', 'completed', 'failed', 'cancelled', 'timed_out']),
  move: z.enum(['none', 'unjudged', 'accepted', 'rejected', 'invalid']),
  attempts: count,
  model: providerText.optional(),
  inputTokens: count.optional(),
  outputTokens: count.optional(),
  costMicroUsd: count.optional(),
  firstTokenMs: milliseconds.optional(),
  durationMs: milliseconds.optional(),
});

/** The newest version of every event of a re-run's stream, as stored. */
export const rerunEventSchemas = {
  RerunRequested: z.strictObject({
    scenarioId: scenarioIdText,
    gameId: opaqueId.optional(),
    mode: z.enum(['teacher_forced', 'free_running']),
    // How many is bounded where it is asked for: a bound that is lowered one day must not make this unreadable.
    sources: z.array(z.strictObject({ sessionId: uuid, throughTurnId: uuid, turns: atLeastOne })).min(1),
    turns: atLeastOne,
    overrides: z.strictObject({
      scenarioVersion: atLeastOne.optional(),
      model: z.strictObject({ name: providerText, endpoint: codeText }).optional(),
      temperature: z.number().optional(),
      topP: z.number().optional(),
      maxTokens: atLeastOne.optional(),
    }),
    reuse: z.boolean(),
    concurrency: atLeastOne,
    spendCapMicroUsd: count.optional(),
    gateVersion: atLeastOne.optional(),
    bodyHash: sha256Hex,
  }),
  RerunTurnCompared: z.strictObject({
    sessionId: uuid,
    turnId: uuid,
    position: atLeastOne,
    rerunSessionId: uuid,
    rerunTurnId: uuid,
    outcome: z.enum(['reused', 'completed', 'failed', 'timed_out']),
    code: codeText.optional(),
    isSameText: z.boolean(),
    similarity: z.number().min(0).max(1).optional(),
    move: z.enum(['none', 'same', 'changed', 'added', 'removed']),
    recorded: turnFigures,
    repeated: turnFigures,
  }),
  RerunCancelled: z.strictObject({ by: actorText }),
  RerunFinished: z.strictObject({
    outcome: z.enum(['completed', 'cancelled', 'spend_cap_reached', 'failed']),
    code: codeText.optional(),
  }),
} as const;
