import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type AttemptFailureCode, modelFailures, retryDelayMs } from './retry-table.ts';

/** Spelt out once more, so that a code that moves to the other side is seen. */
const final: readonly AttemptFailureCode[] = [
  'model_unauthorized',
  'model_not_found',
  'model_request_refused',
  'model_redirected',
  'model_body_too_large',
  'model_content_filtered',
  'model_unexpected_tool_call',
  'model_finish_reason_unknown',
];
const transient: readonly AttemptFailureCode[] = [
  'model_unreachable',
  'model_timeout',
  'model_rate_limited',
  'model_overloaded',
  'model_server_error',
  'model_stream_cut',
  'model_empty',
  'model_not_json',
];

/** Asked again at once, with a correction. */
const corrected: readonly AttemptFailureCode[] = ['model_move_invalid'];

const failure = (code: AttemptFailureCode, changes: Partial<Parameters<typeof retryDelayMs>[0]> = {}) =>
  retryDelayMs({ code, attempt: 1, maxAttempts: 3, remainingMs: 30_000, jitter: 0, ...changes });

describe('retryDelayMs', () => {
  test('every code of the port has a row', () => {
    expect(Object.keys(modelFailures).sort()).toEqual([...final, ...transient, ...corrected].sort());
  });

  test.each(final)('%s is final', (code) => {
    expect(failure(code, { retryAfterMs: 0 })).toBeUndefined();
  });

  test.each(transient)('%s is tried again', (code) => {
    expect(failure(code)).toBeGreaterThan(0);
  });

  test.each(corrected)('%s is tried again at once, while there is an attempt and the time for one', (code) => {
    expect(failure(code)).toBe(0);
    expect(failure(code, { attempt: 3 })).toBeUndefined();
    expect(failure(code, { remainingMs: 249 })).toBeUndefined();
  });

  test('no attempt left is final', () => {
    expect(failure('model_timeout', { attempt: 3 })).toBeUndefined();
  });

  test('what the provider asks to wait goes before our own pause', () => {
    expect(failure('model_rate_limited', { retryAfterMs: 1_000 })).toBe(1_000);
    expect(failure('model_rate_limited', { retryAfterMs: 0 })).toBe(0);
  });

  test('a wait that the turn’s deadline does not allow is final', () => {
    expect(failure('model_rate_limited', { retryAfterMs: 600_000 })).toBeUndefined();
    expect(failure('model_overloaded', { remainingMs: 100 })).toBeUndefined();
  });

  test('an endpoint that was not asked yet is asked at once, whatever the last one said but that the text is not to be answered', () => {
    const codes = [...final, ...transient];
    const delays = codes.map((code) => failure(code, { isNextUntried: true, retryAfterMs: 600_000 }));
    expect(delays).toEqual(codes.map((code) => (code === 'model_content_filtered' ? undefined : 0)));
  });

  test('an endpoint that was not asked yet is not asked without an attempt or the time for one', () => {
    expect(failure('model_overloaded', { isNextUntried: true, attempt: 3 })).toBeUndefined();
    expect(failure('model_overloaded', { isNextUntried: true, remainingMs: 249 })).toBeUndefined();
  });

  test('a further attempt gets time to be worth its price', () => {
    expect(failure('model_rate_limited', { retryAfterMs: 1_000, remainingMs: 1_249 })).toBeUndefined();
    expect(failure('model_rate_limited', { retryAfterMs: 1_000, remainingMs: 1_250 })).toBe(1_000);
  });

  test('pauses double, between half and all of their length, and never reach past the deadline', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...transient),
        fc.integer({ min: 1, max: 9 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        fc.integer({ min: 0, max: 300_000 }),
        (code, attempt, jitter, remainingMs) => {
          const delayMs = failure(code, { attempt, jitter, remainingMs, maxAttempts: 10 });
          const longestMs = modelFailures[code].waitMs * 2 ** (attempt - 1);
          if (delayMs === undefined) return longestMs + 251 > remainingMs;
          return delayMs >= Math.floor(longestMs / 2) && delayMs <= longestMs && delayMs < remainingMs;
        },
      ),
    );
  });
});
