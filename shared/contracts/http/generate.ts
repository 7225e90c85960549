import { z } from 'zod';
import type { Json, PatchOperation, Trigger } from '../../domain/index.ts';
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
  triggerField,
  uuidField,
} from './field-schemas.ts';

const turnFields = {
  prompt: z.string().optional(),
  input: z.string().optional(),
  input_text: z.string().optional(),
  trigger: triggerField.optional(),
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
export const turnBody = z.strictObject(turnFields).meta({
  description: 'One of `prompt`, `input`, `input_text` and `trigger`; the first three are names of one field.',
  examples: [
    { prompt: 'Where were you at 22:40?' },
    { trigger: { name: 'silence' } },
    {
      prompt: 'And whose knife is this?',
      state: { rev: 8, base_rev: 7, patch: [{ op: 'add', path: '/clues/-', value: 'knife' }] },
    },
  ],
});

/** The body of `POST /llm/generate`: a turn, and where it belongs. */
export const generateBody = z
  .strictObject({
    ...turnFields,
    session_id: uuidField.optional(),
    scenario_id: scenarioIdField.optional(),
    game_id: outsideIdField.optional(),
  })
  .meta({
    description:
      'A turn and where it belongs; without a session one is opened for it. One of `prompt`, `input`, `input_text` and `trigger`.',
    examples: [
      { prompt: 'Where were you at 22:40?' },
      { prompt: 'And who saw you?', scenario_id: 'lisbon-ledger.marta', player_id: 'player-7', max_tokens: 150 },
    ],
  });

/** The game's state with a turn: all of it, or how it differs from the newest that the session has. */
export type StateInput =
  | { readonly rev: number; readonly data: Json }
  | { readonly rev: number; readonly patch: readonly PatchOperation[]; readonly baseRev?: number };

/** What a player said, or what happened, and how they want it answered, in our own names. */
export interface TurnInput {
  /** Exactly one of the two. */
  readonly text?: string;
  readonly trigger?: Trigger<'plain'>;
  readonly playerId?: string;
  readonly metadata?: { readonly [key: string]: Json };
  readonly state?: StateInput;
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
 * Takes a parsed body apart. Throws `prompt_empty` (400), `prompt_too_large`, `state_too_large` (413; a trigger's arguments are bounded
 * like a state), `request_invalid` (422) when neither prompt nor trigger is there, or two of their names are used at once.
 */
export function toTurnInput(body: z.infer<typeof turnBody>): TurnInput {
  const { metadata, state, player_id: playerId } = body;
  const overrides = {
    ...(body.model !== undefined && { model: body.model }),
    ...(body.temperature !== undefined && { temperature: body.temperature }),
    ...(body.top_p !== undefined && { topP: body.top_p }),
    ...(body.max_tokens !== undefined && { maxTokens: body.max_tokens }),
    ...(body.stop !== undefined && { stop: body.stop }),
  };
  return {
    ...inputOf(body),
    wantsStream: body.stream ?? false,
    ...(playerId !== undefined && { playerId }),
    ...(metadata && { metadata }),
    ...(state && { state: stateInput(state) }),
    ...(Object.keys(overrides).length > 0 && { overrides }),
  };
}

function stateInput({ rev, data, patch, base_rev }: NonNullable<z.infer<typeof turnBody>['state']>): StateInput {
  if (patch) return { rev, patch, ...(base_rev !== undefined && { baseRev: base_rev }) };
  if (data === undefined) throw fieldError('/state/data', 'is required, or a patch');
  requireStateSize(data, '/state/data');
  return { rev, data };
}

function requireStateSize(value: Json, pointer: string): void {
  if (Buffer.byteLength(JSON.stringify(value)) <= limits.http.maxStateBytes) return;
  throw new TurnledgerError('state_too_large', {
    fields: [{ pointer, message: `is over ${limits.http.maxStateBytes / 1_024} KiB` }],
  });
}

const promptNames = ['prompt', 'input', 'input_text'] as const;

/** What was said, or what happened. */
function inputOf(body: z.infer<typeof turnBody>): Pick<TurnInput, 'text' | 'trigger'> {
  if (!body.trigger) return { text: promptOf(body) };
  const said = promptNames.find((name) => body[name] !== undefined);
  if (said !== undefined) throw fieldError('/trigger', `cannot stand beside /${said}`);
  const { name, args } = body.trigger;
  // A null that was sent could not be told from one that stands where a player's words were erased.
  if (args === undefined || args === null) return { trigger: { name } };
  requireStateSize(args, '/trigger/args');
  return { trigger: { name, args } };
}

function promptOf(body: z.infer<typeof turnBody>): string {
  const used = promptNames.filter((name) => body[name] !== undefined);
  const [name, second] = used;
  if (name === undefined) throw fieldError('/prompt', 'is required, or a trigger');
  if (second !== undefined) throw fieldError(`/${second}`, `repeats /${name}: use one of them`);
  const text = body[name] ?? '';
  if (text.trim() === '')
    throw new TurnledgerError('prompt_empty', { fields: [{ pointer: `/${name}`, message: 'is empty' }] });
  if (Buffer.byteLength(text) > limits.http.maxPromptBytes) throw new TurnledgerError('prompt_too_large');
  return text;
}

const fieldError = (pointer: string, message: string) =>
  new TurnledgerError('request_invalid', { detail: `${pointer} ${message}`, fields: [{ pointer, message }] });
