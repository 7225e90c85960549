import { performance } from 'node:perf_hooks';
import { type AnswerPlan, answerFault, JSON_HEADERS, STREAM_HEADERS } from './answer-fault.ts';
import type { TwinFault } from './twin-behaviour.ts';

/** OpenAI's shape of an error. */
export const errorBody = (message: string, type: string): string =>
  JSON.stringify({ error: { message, type, param: null, code: null } });

const answerStatus = ({ answer }: AnswerPlan, fault: Extract<TwinFault, { kind: 'status' }>) => {
  const { status, retryAfter, retryAfterDateMs } = fault;
  const nowMs = performance.timeOrigin + performance.now();
  // Its own date goes with it: Node's comes from a timer that may be a second late.
  const asDate = (ms: number) => ({
    'retry-after': new Date(nowMs + ms).toUTCString(),
    date: new Date(nowMs).toUTCString(),
  });
  const headers = {
    ...JSON_HEADERS,
    ...(retryAfter === undefined ? {} : { 'retry-after': retryAfter }),
    ...(retryAfterDateMs === undefined ? {} : asDate(retryAfterDateMs)),
  };
  answer.response.writeHead(status, headers).end(errorBody('The twin was told to refuse', 'twin_refusal'));
};

const answerStreamed = async ({ answer, texts, behaviour }: AnswerPlan): Promise<void> => {
  const { firstTokenMs = 0, tokenDelayMs = 0 } = behaviour;
  const opening = texts.chunk({ role: 'assistant', content: '', refusal: null }, null);
  const frames = texts.tokens.map((content) => texts.chunk({ content }, null));
  answer.response.writeHead(200, STREAM_HEADERS);
  if (firstTokenMs === 0 && tokenDelayMs === 0) {
    answer.response.end(opening + frames.join('') + texts.closing.join(''));
    return;
  }
  await answer.write(opening);
  await answer.pause(firstTokenMs);
  for (const [index, frame] of frames.entries()) {
    if (index > 0) await answer.pause(tokenDelayMs);
    if (answer.isGone) return;
    await answer.write(frame);
  }
  answer.response.end(texts.closing.join(''));
};

const answerWhole = async ({ answer, texts, behaviour }: AnswerPlan): Promise<void> => {
  const { firstTokenMs = 0, tokenDelayMs = 0 } = behaviour;
  await answer.pause(firstTokenMs + tokenDelayMs * Math.max(0, texts.tokens.length - 1));
  if (answer.isGone) return;
  const json = texts.json(behaviour.finishReason ?? 'stop');
  answer.response.writeHead(200, { ...JSON_HEADERS, 'content-length': Buffer.byteLength(json) }).end(json);
};

/** Answers one request as planned; returns when the answer is written or its connection is gone, whichever comes first. Never throws. */
export const answerCompletion = async (plan: AnswerPlan): Promise<void> => {
  const { answer, behaviour, isStreamed } = plan;
  await answer.pause(behaviour.latencyMs ?? 0);
  if (answer.isGone) return;
  const { fault } = behaviour;
  if (fault === undefined) await (isStreamed ? answerStreamed(plan) : answerWhole(plan));
  else if (fault.kind === 'status') answerStatus(plan, fault);
  else if (fault.kind === 'plain_json') await answerWhole(plan);
  else await answerFault[fault.kind](plan);
};
