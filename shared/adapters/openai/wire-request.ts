import type { ChatCompletionCreateParamsStreaming } from 'openai/resources/chat/completions';
import type { ModelRequest } from '../../ports/index.ts';

/** OpenAI's own reasoning models refuse `max_tokens`; most compatible servers know nothing else. */
const TAKES_COMPLETION_TOKENS = /(^|\.)openai\.(azure\.)?com$/;

/** What the bound of a reply's tokens is called. */
export type TokenBound = 'max_tokens' | 'max_completion_tokens';

export const tokenBoundOf = (baseUrl: string): TokenBound =>
  TAKES_COMPLETION_TOKENS.test(new URL(baseUrl).hostname) ? 'max_completion_tokens' : 'max_tokens';

/** Our request as the wire wants it; what is not set is not sent. */
export const wireRequest = (
  { model, messages, parameters, format }: ModelRequest,
  tokenBound: TokenBound,
): ChatCompletionCreateParamsStreaming => {
  const { temperature, topP, maxTokens, stop } = parameters;
  return {
    model,
    messages: messages.map(({ role, content }) => ({ role, content })),
    stream: true,
    stream_options: { include_usage: true },
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { top_p: topP }),
    ...(maxTokens === undefined ? {} : { [tokenBound]: maxTokens }),
    ...(stop.length === 0 ? {} : { stop: [...stop] }),
    // Without `strict`, which OpenAI takes for a subset of JSON Schema only and answers 400 for the rest: what comes back is checked in any case.
    ...(format === undefined ? {} : { response_format: { type: 'json_schema' as const, json_schema: { ...format } } }),
  };
};
