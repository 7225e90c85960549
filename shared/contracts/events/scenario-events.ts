import { z } from 'zod';
import type { Json } from '../../domain/index.ts';
import { limits } from '../limits.ts';
import { codeText, designerText, providerText, sha256Hex, uuid } from './fields.ts';

const { scenario, http } = limits;
const version = z.int().min(1);

/** Keys too: a move schema is bounded by the body it came in, and what the edge admits must be readable for good. */
const jsonText = designerText(http.maxBodyBytes);

const json: z.ZodType<Json> = z.lazy(() =>
  z.union([jsonText, z.number(), z.boolean(), z.null(), z.array(json), z.record(jsonText, json)]),
);

const modelChoice = z.strictObject({
  name: providerText,
  endpoint: codeText,
  weight: z.number().min(0),
  temperature: z.number().optional(),
  topP: z.number().optional(),
  maxTokens: z.int().min(1).optional(),
  stop: z.array(designerText(scenario.maxStopChars)).max(scenario.maxStops),
});

const rate = z.number().min(0).max(1);
const ratio = z.number().min(0);

const gateThresholds = z.strictObject({
  minTurns: z.int().min(1).optional(),
  maxFailedRate: rate.optional(),
  maxDivergedRate: rate.optional(),
  maxIllegalMoveRate: rate.optional(),
  minSimilarity: rate.optional(),
  maxCostRatio: ratio.optional(),
  maxLatencyRatio: ratio.optional(),
});

/** The newest version of every event of a scenario stream, as stored. */
export const scenarioEventSchemas = {
  ScenarioConfigured: z.strictObject({
    version,
    persona: z.strictObject({
      name: designerText(128),
      instructions: designerText(scenario.maxInstructionsChars),
      greeting: designerText(scenario.maxFallbackChars).optional(),
    }),
    models: z.array(modelChoice).min(1).max(scenario.maxModels),
    strategy: z.enum(['single', 'fallback', 'weighted']),
    history: z.strictObject({
      windowTurns: z.int().min(0),
      inputTokenBudget: z.int().min(1),
      summary: z
        .strictObject({ mode: z.literal('rolling'), maxTokens: z.int().min(1), model: providerText.optional() })
        .optional(),
    }),
    moves: z.strictObject({
      mode: z.enum(['none', 'optional', 'required']),
      schema: z.record(jsonText, json).optional(),
    }),
    view: z.strictObject({
      model: z.array(designerText(256)).max(scenario.maxViewPointers),
      public: z.array(designerText(256)).max(scenario.maxViewPointers),
    }),
    turns: z.strictObject({ onBusy: z.enum(['reject', 'interrupt']), maxTurns: z.int().min(1) }),
    deadlines: z.strictObject({ firstTokenMs: z.int().min(1), totalMs: z.int().min(1) }),
    retry: z.strictObject({ maxAttempts: z.int().min(1) }),
    fallbackLines: z.array(designerText(scenario.maxFallbackChars)).max(scenario.maxFallbackLines),
    configHash: sha256Hex,
    note: designerText(scenario.maxNoteChars).optional(),
    request: z.strictObject({ keyHash: sha256Hex, bodyHash: sha256Hex }).optional(),
  }),
  ScenarioVersionPromoted: z.strictObject({ version }),
  ScenarioRetired: z.strictObject({ version, reason: designerText(scenario.maxNoteChars).optional() }),
  ScenarioGateOpened: z.strictObject({ version, rerunId: uuid, thresholds: gateThresholds }),
  ScenarioGateClosed: z.strictObject({
    version,
    rerunId: uuid,
    outcome: z.enum(['passed', 'failed', 'incomplete', 'abandoned']),
    missed: z
      .array(
        z.strictObject({
          threshold: gateThresholds.keyof(),
          limit: z.number(),
          measured: z.number().optional(),
        }),
      )
      .max(7),
  }),
} as const;
