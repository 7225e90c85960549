import { z } from 'zod';
import type { Json } from '../../domain/index.ts';
import { TurnledgerError } from '../errors/turnledger-error.ts';
import { limits } from '../limits.ts';
import {
  gameStateField,
  maxTokensField,
  metadataField,
  modelNameField,
  outsideIdField,
  scenarioIdField,
  stopField,
  temperatureField,
  topPField,
  uuidField,
} from './field-schemas.ts';

const turnFields = {
  prompt: z.string().optional(),
  input: z.string().optional(),
  input_text: z.string().optional(),
  player_id: outsideIdField.optional(),
  metadata: metadataField.optional(),
  state: gameStateField.optional(),
  max_tokens: maxTokensField.optional(),
  temperature: temperatureField.optional(),
  top_p: topPField.optional(),
  stop: stopField.optional(),
  model: modelNameField.optional(),
  stream: z.boolean().optional(),
};

/** The body of `POST /v1/sessions/{id}/turns`. */
export const turnBody = z.strictObject(turnFields);

/** The body of `POST /llm/generate`: a turn, and where it belongs. */
export const generateBody = z.strictObject({
  ...turnFields,
  session_id: uuidField.optional(),
  scenario_id: scenarioIdField.optional(),
  game_id: outsideIdField.optional(),
});

/** What a player said and how they want it answered, in our own names. */
export interface TurnInput {
  readonly text: string;
  readonly playerId?: string;
  readonly metadata?: { readonly [key: string]: Json };
  readonly state?: { readonly rev: number; readonly data: Json };
  readonly overrides?: {
    readonly model?: string;
    readonly temperature?: number;
    readonly topP?: number;
    readonly maxTokens?: number;
    readonly stop?: readonly string[];
  };
  readonly wantsStream: boolean;
}

/**
 * Takes a parsed body apart. Throws `prompt_empty` (400), `prompt_too_large`, `state_too_large` (413), `request_invalid` (422) when the
 * prompt is missing or two of its names are used at once.
 */
export function toTurnInput(body: z.infer<typeof turnBody>): TurnInput {
  const { metadata, state, player_id: playerId } = body;
  if (state && Buffer.byteLength(JSON.stringify(state.data)) > limits.http.maxStateBytes)
    throw new TurnledgerError('state_too_large');
  const overrides = {
    ...(body.model !== undefined && { model: body.model }),
    ...(body.temperature !== undefined && { temperature: body.temperature }),
    ...(body.top_p !== undefined && { topP: body.top_p }),
    ...(body.max_tokens !== undefined && { maxTokens: body.max_tokens }),
    ...(body.stop !== undefined && { stop: body.stop }),
  };
  return {
    text: promptOf(body),
    wantsStream: body.stream ?? false,
    ...(playerId !== undefined && { playerId }),
    ...(metadata && { metadata }),
    ...(state && { state }),
    ...(Object.keys(overrides).length > 0 && { overrides }),
  };
}

const promptNames = ['prompt', 'input', 'input_text'] as const;

function promptOf(body: z.infer<typeof turnBody>): string {
  const used = promptNames.filter((name) => body[name] !== undefined);
  const [name, second] = used;
  if (name === undefined) throw fieldError('/prompt', 'is required');
  if (second !== undefined) throw fieldError(`/${second}`, `repeats /${name}: use one of them`);
  const text = body[name] ?? '';
  if (text.trim() === '')
    throw new TurnledgerError('prompt_empty', { fields: [{ pointer: `/${name}`, message: 'is empty' }] });
  if (Buffer.byteLength(text) > limits.http.maxPromptBytes) throw new TurnledgerError('prompt_too_large');
  return text;
}

const fieldError = (pointer: string, message: string) =>
  new TurnledgerError('request_invalid', { detail: `${pointer} ${message}`, fields: [{ pointer, message }] });
