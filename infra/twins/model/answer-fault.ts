import type { CompletionTexts } from './completion-texts.ts';
import type { PacedAnswer } from './paced-answer.ts';
import type { TwinBehaviour, TwinFault } from './twin-behaviour.ts';

/** Everything an answer is made of. */
export interface AnswerPlan {
  readonly answer: PacedAnswer;
  readonly texts: CompletionTexts;
  readonly behaviour: TwinBehaviour;
  readonly isStreamed: boolean;
}

type FaultKind = TwinFault['kind'];
type FaultAnswer = (plan: AnswerPlan) => Promise<void>;

export const STREAM_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache',
} as const;
export const JSON_HEADERS = { 'content-type': 'application/json' } as const;

const MIB = 1024 * 1024;
const LONG_LINE_MIB = 64;

const head = ({ answer, isStreamed }: AnswerPlan) => {
  answer.response.writeHead(200, isStreamed ? STREAM_HEADERS : JSON_HEADERS);
  answer.response.flushHeaders();
};

/** The first half of an answer, at least one token of it. */
const half = ({ texts, isStreamed }: AnswerPlan): string => {
  if (!isStreamed) {
    const json = texts.json('stop');
    return json.slice(0, Math.floor(json.length / 2));
  }
  const tokens = texts.tokens.slice(0, Math.max(1, Math.floor(texts.tokens.length / 2)));
  return tokens.map((content) => texts.chunk({ content }, null)).join('');
};

const whole = ({ texts, behaviour, isStreamed }: AnswerPlan): string =>
  isStreamed
    ? texts.tokens.map((content) => texts.chunk({ content }, null)).join('') + texts.closing.join('')
    : texts.json(behaviour.finishReason ?? 'stop');

/** Headers, the first half, and then. */
const halfThen =
  (andThen: FaultAnswer): FaultAnswer =>
  async (plan) => {
    head(plan);
    await plan.answer.pause(plan.behaviour.firstTokenMs ?? 0);
    await plan.answer.write(half(plan));
    await plan.answer.flush();
    await andThen(plan);
  };

const toolCall = {
  tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name: 'give_gold', arguments: '{}' } }],
};

/** One row a fault; `status` is answered before this table is asked. */
export const answerFault: { readonly [kind in Exclude<FaultKind, 'status' | 'plain_json'>]: FaultAnswer } = {
  close: async ({ answer }) => void answer.response.destroy(),
  reset: async ({ answer }) => void answer.response.socket?.resetAndDestroy(),
  headers_never: ({ answer }) => answer.stall(),
  stall_after_headers: async (plan) => {
    head(plan);
    await plan.answer.stall();
  },
  stall_mid_stream: halfThen(({ answer }) => answer.stall()),
  comment_drip: async (plan) => {
    head(plan);
    while (!plan.answer.isGone) {
      await plan.answer.write(plan.isStreamed ? ': still here\n\n' : ' ');
      await plan.answer.pause(Math.max(1, plan.behaviour.tokenDelayMs ?? 0));
    }
  },
  cut_mid_stream: halfThen(async ({ answer }) => void answer.response.end()),
  done_mid_stream: halfThen(async (plan) => {
    plan.answer.response.end(plan.isStreamed ? 'data: [DONE]\n\n' : '');
  }),
  no_finish_reason: async (plan) => {
    const { texts, isStreamed } = plan;
    head(plan);
    plan.answer.response.end(
      isStreamed ? texts.tokens.map((content) => texts.chunk({ content }, null)).join('') : texts.json(null),
    );
  },
  reset_mid_stream: halfThen(async ({ answer }) => void answer.response.socket?.resetAndDestroy()),
  html: async ({ answer }) => {
    answer.response
      .writeHead(200, { 'content-type': 'text/html' })
      .end('<!doctype html><title>Sign in</title><p>Please sign in.');
  },
  empty_body: async (plan) => {
    head(plan);
    plan.answer.response.end();
  },
  broken_json: halfThen(async (plan) => {
    plan.answer.response.end(plan.isStreamed ? 'data: {"choices":[{"index":0,"del\n\n' : '');
  }),
  invalid_utf8: async (plan) => {
    head(plan);
    const bytes = Buffer.from(whole(plan));
    const at = bytes.indexOf('"content":"') + '"content":"'.length;
    bytes[at] = 0xff;
    plan.answer.response.end(bytes);
  },
  split_bytes: async (plan) => {
    head(plan);
    const bytes = Buffer.from(whole(plan));
    for (let from = 0, size = 1; from < bytes.length && !plan.answer.isGone; from += size, size = (size % 3) + 1) {
      await plan.answer.write(bytes.subarray(from, from + size));
      await plan.answer.flush();
    }
    plan.answer.response.end();
  },
  long_line: async (plan) => {
    head(plan);
    await plan.answer.write(
      plan.isStreamed ? 'data: {"choices":[{"index":0,"delta":{"content":"' : '{"choices":[{"message":{"content":"',
    );
    const block = Buffer.alloc(MIB, 'a');
    for (let sent = 0; sent < LONG_LINE_MIB && !plan.answer.isGone; sent += 1) await plan.answer.write(block);
    plan.answer.response.end('"},"finish_reason":"stop"}]}\n\n');
  },
  endless_tokens: async (plan) => {
    head(plan);
    if (!plan.isStreamed) await plan.answer.write('{"choices":[{"message":{"content":"');
    const burst = plan.isStreamed ? plan.texts.chunk({ content: ' again' }, null).repeat(32) : ' again'.repeat(512);
    while (!plan.answer.isGone) {
      await plan.answer.write(burst);
      await plan.answer.pause(plan.behaviour.tokenDelayMs ?? 0);
      await plan.answer.flush();
    }
  },
  duplicate_done: async (plan) => {
    head(plan);
    plan.answer.response.end(plan.isStreamed ? `${whole(plan)}data: [DONE]\n\ndata: [DONE]\n\n` : whole(plan));
  },
  done_without_end: async (plan) => {
    head(plan);
    await plan.answer.write(whole(plan));
    await plan.answer.stall();
  },
  stall_after_finish: async (plan) => {
    head(plan);
    const frames = plan.texts.tokens.map((content) => plan.texts.chunk({ content }, null));
    await plan.answer.write(plan.isStreamed ? frames.join('') + plan.texts.closing[0] : whole(plan));
    await plan.answer.stall();
  },
  tool_call: async (plan) => {
    head(plan);
    const { texts, isStreamed } = plan;
    const finish = 'tool_calls';
    plan.answer.response.end(
      isStreamed
        ? `${texts.chunk(toolCall, null)}${texts.chunk({}, finish)}data: [DONE]\n\n`
        : texts.json(finish, { role: 'assistant', content: null, ...toolCall }),
    );
  },
  redirect: async ({ answer }) => {
    answer.response.writeHead(307, { location: '/v1/elsewhere' }).end();
  },
};
