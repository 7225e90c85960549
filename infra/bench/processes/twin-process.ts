import {
  lastUserMessage,
  parseCompletionRequest,
  startModelTwin,
  type TwinBehaviour,
} from '../../twins/model/index.ts';
import { answerQuestions } from './asked-process.ts';

export type TwinQuestion =
  | { readonly kind: 'open'; readonly behaviour: TwinBehaviour }
  | { readonly kind: 'calls' }
  /** The calls after the first so many, as far as the twin still has them. */
  | { readonly kind: 'times'; readonly after: number };

/** What the twin has been asked so far, and the processor time it has used, milliseconds. */
export interface TwinCount {
  readonly url: string;
  readonly totalCalls: number;
  readonly cpuMs: number;
}

/** A call as the twin saw it, milliseconds since the epoch: from the last byte of its request to the last of its answer. */
export interface TimedCall {
  readonly beganAtMs: number;
  readonly endedAtMs: number;
  /** Its last user message. */
  readonly said: string;
}

// The twin's own clock begins with the next line.
const startedAtMs = performance.timeOrigin + performance.now();
const twin = await startModelTwin({ host: '127.0.0.1' });

const timesAfter = (after: number): readonly TimedCall[] =>
  twin.calls.slice(-Math.max(0, twin.totalCalls - after)).flatMap(({ atMs, endedAtMs, body }) => {
    const request = parseCompletionRequest(body);
    if (request === undefined || endedAtMs === undefined || twin.totalCalls <= after) return [];
    return [{ beganAtMs: startedAtMs + atMs, endedAtMs: startedAtMs + endedAtMs, said: lastUserMessage(request) }];
  });

answerQuestions<TwinQuestion>(async (question): Promise<TwinCount | readonly TimedCall[]> => {
  if (question.kind === 'times') return timesAfter(question.after);
  if (question.kind === 'open') twin.plan(question.behaviour);
  const { user, system } = process.cpuUsage();
  return { url: twin.url, totalCalls: twin.totalCalls, cpuMs: (user + system) / 1_000 };
});
