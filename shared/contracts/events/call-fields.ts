import { z } from 'zod';
import { codeText, providerText, sha256Hex, uuid } from './fields.ts';

export const count = z.int().min(0);
export const attempt = z.int().min(1);
export const milliseconds = z.number().min(0);
export const finishReason = z.enum(['stop', 'length']);

/** Tokens of a call. */
export const usage = z.strictObject({
  input: count,
  cached: count,
  output: count,
  reasoning: count,
  source: z.enum(['reported', 'estimated']),
});

/** What a call cost; `costMicroUsd` is absent where no price is known. */
export const cost = { costMicroUsd: count.optional(), priceTable: codeText };

/** What the model’s side said of itself. */
export const provider = z.strictObject({
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

/** A request to a model, as its claim announces it. */
export const plannedCall = <Purpose extends 'reply' | 'summary'>(purpose: Purpose) =>
  z.strictObject({
    callId: uuid,
    purpose: z.literal(purpose),
    model: providerText,
    endpoint: codeText,
    parameters: callParameters,
  });

/** What went into a prompt, by reference. */
export const promptManifest = z.strictObject({
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
