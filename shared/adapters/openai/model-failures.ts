import { APIConnectionError, APIConnectionTimeoutError, APIError } from 'openai';
import { z } from 'zod';
import type { ModelEvent, ModelFailureCode } from '../../ports/index.ts';
import { retryAfterMs } from './retry-after.ts';
import { isWireFault } from './wire-fault.ts';

export type ModelFailure = Extract<ModelEvent, { kind: 'failed' }>;

/** What an answer's status says. A status that is not here goes by its hundred. */
const byStatus: { readonly [status: number]: ModelFailureCode } = {
  // The key is unknown, may not do this, or has no credit.
  401: 'model_unauthorized',
  402: 'model_unauthorized',
  403: 'model_unauthorized',
  404: 'model_not_found',
  410: 'model_not_found',
  408: 'model_timeout',
  // 409 and 425 pass by themselves: a lock, a replayed early request.
  409: 'model_overloaded',
  425: 'model_overloaded',
  429: 'model_rate_limited',
  503: 'model_overloaded',
  504: 'model_timeout',
  529: 'model_overloaded',
};

const byHundred: { readonly [hundred: number]: ModelFailureCode } = {
  2: 'model_not_json',
  3: 'model_redirected',
  4: 'model_request_refused',
  5: 'model_server_error',
};

/** What an error that comes inside a 200 calls itself; the first pattern found in its type or code wins. */
const byName: readonly (readonly [RegExp, ModelFailureCode])[] = [
  [/rate_?limit|quota/i, 'model_rate_limited'],
  [/overload|unavailable/i, 'model_overloaded'],
  [/content_?filter/i, 'model_content_filtered'],
  [/timeout/i, 'model_timeout'],
];

const embeddedError = z.looseObject({
  status: z.unknown().optional(),
  code: z.unknown().optional(),
  type: z.unknown().optional(),
});

/** The failure an HTTP status stands for; any number has one. */
export const failureOfStatus = (status: number): ModelFailureCode =>
  byStatus[status] ?? byHundred[Math.floor(status / 100)] ?? 'model_server_error';

/** The failure an `error` member inside a 200 stands for: its numeric status or code, else its name, else `model_server_error`. */
export const failureOfEmbeddedError = (error: unknown): ModelFailureCode => {
  const { data } = embeddedError.safeParse(error);
  if (data === undefined) return 'model_server_error';
  const status = [data.status, data.code].map(Number).find((number) => number >= 400 && number < 600);
  if (status !== undefined) return failureOfStatus(status);
  const name = [data.type, data.code].filter((part) => typeof part === 'string').join(' ');
  return byName.find(([pattern]) => pattern.test(name))?.[1] ?? 'model_server_error';
};

/** The failure that something thrown by the SDK or by our fetch stands for; what has no name of its own cut the stream. */
export const failureOf = (error: unknown): ModelFailure => {
  if (isWireFault(error)) return { kind: 'failed', code: error.code };
  if (error instanceof APIConnectionTimeoutError) return { kind: 'failed', code: 'model_timeout' };
  if (error instanceof APIConnectionError) {
    return { kind: 'failed', code: isWireFault(error.cause) ? error.cause.code : 'model_unreachable' };
  }
  if (error instanceof APIError && typeof error.status === 'number') {
    const waitMs = error.headers === undefined ? undefined : retryAfterMs(error.headers);
    const code = failureOfStatus(error.status);
    return {
      kind: 'failed',
      code,
      providerStatus: error.status,
      ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }),
    };
  }
  if (error instanceof APIError) return { kind: 'failed', code: failureOfEmbeddedError(error.error) };
  const isSyntaxError = typeof error === 'object' && error !== null && 'name' in error && error.name === 'SyntaxError';
  return { kind: 'failed', code: isSyntaxError ? 'model_not_json' : 'model_stream_cut' };
};
