import type { Agent } from 'node:http';
import type { Conversation } from './conversation.ts';
import { type HttpAnswer, postJson } from './keep-alive-http.ts';
import type { LoadMode } from './load-plan.ts';
import { type Player, requireReply, streamEvents, wrongAnswer } from './player.ts';

export interface ChatPlayerOptions {
  readonly agent: Agent;
  /** The base URL, `/v1` included. */
  readonly url: string;
  readonly headers: { readonly [name: string]: string };
  readonly mode: LoadMode;
  readonly conversation: Conversation;
}

/** The first piece of text: the opening chunk names the role with an empty content. */
const FIRST_TEXT = /"delta":\{[^}]*"content":"[^"]/;

function replyOf({ status, text }: HttpAnswer, mode: LoadMode): unknown {
  if (status !== 200) throw wrongAnswer(`status ${status}: ${text.slice(0, 300)}`);
  if (mode === 'json') return JSON.parse(text).choices[0].message.content;
  const events = streamEvents(text);
  if (events.at(-1)?.data !== '[DONE]') throw wrongAnswer('the stream ended without [DONE]');
  return events
    .slice(0, -1)
    .map(({ data }) => JSON.parse(data).choices[0]?.delta?.content ?? '')
    .join('');
}

/** Plays against an endpoint of OpenAI's shape, keeping the history itself. */
export function chatPlayer({ agent, url: base, headers, mode, conversation }: ChatPlayerOptions): Player {
  const url = new URL(base);
  const path = `${url.pathname}/chat/completions`;
  return {
    async play(prompt) {
      const messages = conversation.messages(prompt);
      const body = {
        model: 'bench-1',
        messages,
        ...(mode === 'sse' && { stream: true, stream_options: { include_usage: true } }),
      };
      const answer = await postJson({ agent, url, path, headers, body, ...(mode === 'sse' && { mark: FIRST_TEXT }) });
      const reply = replyOf(answer, mode);
      requireReply(reply, prompt);
      conversation.record(prompt, reply);
      return { totalMs: answer.totalMs, firstDeltaMs: answer.markMs ?? answer.totalMs };
    },
  };
}
