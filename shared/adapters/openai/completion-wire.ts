import { z } from 'zod';
import { limits } from '../../contracts/index.ts';
import type { ModelUsage } from '../../ports/index.ts';

const count = z.number().int().nonnegative();
const tokens = count.max(limits.model.maxReportedTokens);

const usageSchema = z.object({
  prompt_tokens: tokens,
  completion_tokens: tokens,
  prompt_tokens_details: z.object({ cached_tokens: tokens.nullish() }).nullish(),
  completion_tokens_details: z.object({ reasoning_tokens: tokens.nullish() }).nullish(),
});

const saidSchema = z.object({
  content: z.string().nullish(),
  tool_calls: z.array(z.unknown()).nullish(),
  function_call: z.unknown().optional(),
});

const finishReason = z.string().nullish();

const envelope = {
  id: z.string().nullish(),
  model: z.string().nullish(),
  system_fingerprint: z.string().nullish(),
  // Nonsense in the bill does not make a whole reply worthless: it is treated as absent.
  usage: usageSchema.nullish().catch(undefined),
};

/** One frame of a streamed completion; members that are not named here are ignored. */
export const chunkSchema = z.object({
  ...envelope,
  choices: z.array(z.object({ index: count.nullish(), delta: saidSchema.nullish(), finish_reason: finishReason })),
});

/** A frame of the plainest kind, which is nearly every one: text or nothing in its first choice, no bill. It needs no schema to be read. */
export const isPlainChunk = (value: unknown): value is CompletionChunk => {
  const { choices, usage, id, model, system_fingerprint } = value as { readonly [name: string]: unknown };
  if (!Array.isArray(choices) || choices.length !== 1 || (usage !== null && usage !== undefined)) return false;
  if (typeof id !== 'string' || typeof model !== 'string') return false;
  if (typeof system_fingerprint !== 'string' && system_fingerprint !== null && system_fingerprint !== undefined)
    return false;
  const [choice] = choices as readonly unknown[];
  if (typeof choice !== 'object' || choice === null) return false;
  const { index, delta, finish_reason } = choice as { readonly [name: string]: unknown };
  if (index !== 0 || (finish_reason !== null && typeof finish_reason !== 'string')) return false;
  if (typeof delta !== 'object' || delta === null || 'tool_calls' in delta || 'function_call' in delta) return false;
  return !('content' in delta) || typeof delta.content === 'string';
};

/** A completion in one piece, read as a stream of one chunk. */
export const completionSchema = z
  .object({
    ...envelope,
    choices: z.array(z.object({ index: count.nullish(), message: saidSchema, finish_reason: finishReason })).min(1),
  })
  .transform(
    ({ choices, ...rest }): CompletionChunk => ({
      ...rest,
      choices: choices.map(({ message, ...choice }) => ({ ...choice, delta: message })),
    }),
  );

export type CompletionChunk = z.infer<typeof chunkSchema>;

/** The wire's bill in our words; what the provider leaves out is 0. */
export const usageOf = (usage: z.infer<typeof usageSchema>): ModelUsage => ({
  input: usage.prompt_tokens,
  cached: usage.prompt_tokens_details?.cached_tokens ?? 0,
  output: usage.completion_tokens,
  reasoning: usage.completion_tokens_details?.reasoning_tokens ?? 0,
});
