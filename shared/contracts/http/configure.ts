import { z } from 'zod';
import { limits } from '../limits.ts';
import {
  endpointField,
  jsonField,
  maxTokensField,
  modelNameField,
  scenarioIdField,
  stopField,
  stopsField,
  temperatureField,
  topPField,
} from './field-schemas.ts';

const { scenario } = limits;
const jsonPointer = z
  .string()
  .max(scenario.maxPointerChars)
  .regex(/^(\/.*)?$/, 'must be a JSON pointer');

const modelField = z.strictObject({
  name: modelNameField,
  endpoint: endpointField.optional(),
  weight: z.number().min(0).max(scenario.maxWeight).optional(),
  temperature: temperatureField.optional(),
  top_p: topPField.optional(),
  max_tokens: maxTokensField.optional(),
  stop: stopsField.optional(),
});

/** The body of `POST /llm/configure`: what is absent keeps the newest version's value, or the default. */
export const configureBody = z
  .strictObject({
    scenario_id: scenarioIdField.optional(),
    persona: z
      .strictObject({
        name: z.string().min(1).max(scenario.maxPersonaNameChars).optional(),
        instructions: z.string().min(1).max(scenario.maxInstructionsChars).optional(),
        greeting: z.string().min(1).max(scenario.maxFallbackChars).optional(),
      })
      .optional(),
    models: z.array(modelField).min(1).max(scenario.maxModels).optional(),
    strategy: z.enum(['single', 'fallback', 'weighted']).optional(),
    history: z
      .strictObject({
        window_turns: z.int().min(0).max(scenario.maxWindowTurns).optional(),
        input_token_budget: z.int().min(1).max(scenario.maxInputTokenBudget).optional(),
        summary: z
          .strictObject({
            mode: z.enum(['none', 'rolling']),
            max_tokens: z.int().min(limits.summary.minTokens).max(limits.summary.maxTokens).optional(),
            model: modelNameField.optional(),
          })
          .optional(),
      })
      .optional(),
    moves: z
      .strictObject({
        mode: z.enum(['none', 'optional', 'required']),
        schema: z.record(z.string(), jsonField).optional(),
      })
      .optional(),
    view: z
      .strictObject({
        model: z.array(jsonPointer).max(scenario.maxViewPointers).optional(),
        public: z.array(jsonPointer).max(scenario.maxViewPointers).optional(),
      })
      .optional(),
    turns: z
      .strictObject({
        on_busy: z.enum(['reject', 'interrupt']).optional(),
        max_turns: z.int().min(1).max(scenario.maxTurns).optional(),
      })
      .optional(),
    deadlines: z
      .strictObject({
        first_token_ms: z.int().min(scenario.minDeadlineMs).max(scenario.maxDeadlineMs).optional(),
        total_ms: z.int().min(scenario.minDeadlineMs).max(scenario.maxDeadlineMs).optional(),
      })
      .optional(),
    retry: z.strictObject({ max_attempts: z.int().min(1).max(scenario.maxAttempts).optional() }).optional(),
    fallback_lines: z.array(z.string().min(1).max(scenario.maxFallbackChars)).max(scenario.maxFallbackLines).optional(),
    note: z.string().max(scenario.maxNoteChars).optional(),
    publish: z.boolean().optional(),
    // The flat form of the host platform: parameters of the scenario's first model.
    model: modelNameField.optional(),
    temperature: temperatureField.optional(),
    max_tokens: maxTokensField.optional(),
    top_p: topPField.optional(),
    stop: stopField.optional(),
  })
  .meta({
    description: 'What is absent keeps the newest version’s value, or the default.',
    examples: [
      {
        scenario_id: 'lisbon-ledger.marta',
        persona: { name: 'Marta Reis', instructions: 'You are a harbour clerk with something to hide.' },
        models: [{ name: 'default', max_tokens: 150 }],
        fallback_lines: ['Not now. Somebody is at the door.'],
      },
    ],
  });

/** The body of `POST /v1/scenarios/{id}/retire`. */
export const retireBody = z.strictObject({ reason: z.string().max(scenario.maxNoteChars).optional() });

export type ConfigureBody = z.infer<typeof configureBody>;
