import { z } from 'zod';
import type { TwinBehaviour } from './twin-behaviour.ts';

const requestSchema = z.looseObject({
  model: z.string(),
  messages: z.array(z.looseObject({ role: z.string(), content: z.unknown().optional() })),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
});

export type CompletionRequest = z.infer<typeof requestSchema>;

/** The request, or undefined when it is not one. */
export const parseCompletionRequest = (body: string): CompletionRequest | undefined => {
  try {
    return requestSchema.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
};

export const lastUserMessage = ({ messages }: CompletionRequest): string => {
  const content = messages.findLast(({ role }) => role === 'user')?.content;
  return typeof content === 'string' ? content : '';
};

const MAX_REPEATED_CHARS = 512;

/** The reply when none is set: names the number of messages and repeats the last one, so that replies can be told apart. */
export const derivedReply = (request: CompletionRequest, message: string): string =>
  `Message ${request.messages.length} heard: ${message.slice(0, MAX_REPEATED_CHARS)}`;

/** Text in tokens: words, each with the space before it; they join to the text again. */
export const tokensOf = (text: string): readonly string[] => text.match(/\s*\S+|\s+$/g) ?? [];

/** The texts of one answer, as OpenAI's wire has them. */
export interface CompletionTexts {
  readonly tokens: readonly string[];
  chunk(delta: object, finishReason: string | null): string;
  /** The finish reason, the bill if it was asked for, and `[DONE]`. */
  readonly closing: readonly string[];
  /** The whole answer for a request that does not stream. */
  json(finishReason: string | null, message?: object): string;
}

const wireUsage = (usage: TwinBehaviour['usage'], request: CompletionRequest, tokens: readonly string[]) => {
  if (usage === 'absent') return undefined;
  const input =
    usage?.input ?? Math.ceil(request.messages.reduce((sum, { content }) => sum + String(content).length, 0) / 4);
  const output = usage?.output ?? tokens.length;
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: usage?.cached ?? 0 },
    completion_tokens_details: { reasoning_tokens: usage?.reasoning ?? 0 },
  };
};

/** Builds the texts of answer number `serial`. */
export const completionTexts = (
  request: CompletionRequest,
  behaviour: TwinBehaviour,
  text: string,
  serial: number,
): CompletionTexts => {
  const tokens = tokensOf(text);
  const usage = wireUsage(behaviour.usage, request, tokens);
  const finish = behaviour.finishReason ?? 'stop';
  const about = {
    id: `chatcmpl-twin-${serial}`,
    created: 1_700_000_000,
    model: request.model,
    system_fingerprint: 'fp_twin',
  };
  const head = JSON.stringify({ ...about, object: 'chat.completion.chunk' }).slice(0, -1);
  const frame = (choices: readonly object[], bill?: object) =>
    `data: ${head},"choices":${JSON.stringify(choices)}${bill === undefined ? '' : `,"usage":${JSON.stringify(bill)}`}}\n\n`;
  const chunk = (delta: object, finishReason: string | null) =>
    frame([{ index: 0, delta, logprobs: null, finish_reason: finishReason }]);
  const isBilled = usage !== undefined && request.stream_options?.include_usage === true;
  return {
    tokens,
    chunk,
    closing: [chunk({}, finish), ...(isBilled ? [frame([], usage)] : []), 'data: [DONE]\n\n'],
    json: (finishReason, message = { role: 'assistant', content: text, refusal: null }) =>
      JSON.stringify({
        ...about,
        object: 'chat.completion',
        choices: [{ index: 0, message, logprobs: null, finish_reason: finishReason }],
        ...(usage === undefined ? {} : { usage }),
      }),
  };
};
