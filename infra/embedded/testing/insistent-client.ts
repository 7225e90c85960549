import { setTimeout as sleep } from 'node:timers/promises';
import { type HttpReply, httpCalls } from './http-calls.ts';

/** Less than a 503 asks for, so that more moments of an outage are met; without any, 20 clients would be a storm. */
const PAUSE_MS = 50;

/** Asks for one turn under its key until it is answered with anything but a 503, as a client does that reads `x-should-retry`; gives every answer. */
export async function insist(url: string, key: string, withinMs: number, padding = ''): Promise<readonly HttpReply[]> {
  const replies: HttpReply[] = [];
  const givenUpAtMs = performance.now() + withinMs;
  for (;;) {
    replies.push(await askOnce(url, key, padding));
    if (replies.at(-1)?.status !== 503 || performance.now() >= givenUpAtMs) return replies;
    await sleep(PAUSE_MS);
  }
}

/** One turn of a session of its own, under its key; `padding` makes it larger on the disk. */
export const askOnce = (url: string, key: string, padding = ''): Promise<HttpReply> =>
  httpCalls(url).generate({ prompt: `Where were you, ${key}? ${padding}` }, { 'idempotency-key': key });

/** What is wrong with refusals that should have told a client to come back; none when each is a 503 that does. */
export const misleading = (refusals: readonly HttpReply[]): readonly object[] =>
  refusals
    .map(({ status, body, headers }) => ({
      status,
      code: body.code,
      shouldRetry: headers.get('x-should-retry'),
      retryAfter: headers.get('retry-after'),
    }))
    .filter(
      ({ status, code, shouldRetry, retryAfter }) =>
        status !== 503 || !COMES_BACK.has(code) || shouldRetry !== 'true' || !(Number(retryAfter) > 0),
    );

const COMES_BACK: ReadonlySet<string> = new Set(['store_unavailable', 'outcome_unknown', 'turn_still_open']);
