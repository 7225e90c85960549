import { OpenAI } from 'openai';
import type { Conversation } from './conversation.ts';
import type { LoadMode } from './load-plan.ts';
import { type Player, requireReply } from './player.ts';

export interface SdkPlayerOptions {
  readonly client: OpenAI;
  readonly mode: LoadMode;
  readonly conversation: Conversation;
}

/** As its documentation starts it; its own retries are off, since a retried call would hide a failure and count as one. */
export const sdkClient = (baseURL: string): OpenAI =>
  new OpenAI({ baseURL, apiKey: 'sk-of-a-benchmark', maxRetries: 0 });

/** Plays with the bare SDK, in the generator's process. */
export function sdkPlayer({ client, mode, conversation }: SdkPlayerOptions): Player {
  const model = 'bench-1';
  const whole = async (prompt: string) => {
    const completion = await client.chat.completions.create({ model, messages: conversation.messages(prompt) });
    return { reply: completion.choices[0]?.message.content, firstDeltaAtMs: performance.now() };
  };
  const streamed = async (prompt: string) => {
    const messages = conversation.messages(prompt);
    const stream_options = { include_usage: true };
    const stream = await client.chat.completions.create({ model, messages, stream: true, stream_options });
    let reply = '';
    let firstDeltaAtMs: number | undefined;
    for await (const chunk of stream) {
      reply += chunk.choices[0]?.delta.content ?? '';
      if (reply !== '') firstDeltaAtMs ??= performance.now();
    }
    return { reply, firstDeltaAtMs: firstDeltaAtMs ?? performance.now() };
  };
  return {
    async play(prompt) {
      const startedAtMs = performance.now();
      const { reply, firstDeltaAtMs } = await (mode === 'sse' ? streamed(prompt) : whole(prompt));
      const totalMs = performance.now() - startedAtMs;
      requireReply(reply, prompt);
      conversation.record(prompt, reply);
      return { totalMs, firstDeltaMs: firstDeltaAtMs - startedAtMs };
    },
  };
}
