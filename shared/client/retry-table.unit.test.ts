import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { catalogue } from '../contracts/index.ts';
import { defaultRetryPolicy } from './client-bounds.ts';
import { retryAfterMsOf } from './problem-of-response.ts';
import { type Failure, mayAskAgain, pauseMsAfter } from './retry-table.ts';

const failure = (over: Partial<Failure>): Failure => ({
  code: `http_${over.status}`,
  status: undefined,
  shouldRetry: null,
  ...over,
});

describe('asking again', () => {
  test.each<[string, Partial<Failure>, boolean]>([
    ['no answer came', { code: 'network_failed' }, true],
    ['unavailable', { status: 503 }, true],
    ['unavailable, but told not to', { status: 503, shouldRetry: 'false' }, false],
    ['a conflict that a retry cures', { status: 409, shouldRetry: 'true' }, true],
    ['a conflict', { status: 409 }, false],
    ['too many', { status: 429 }, true],
    ['a proxy without a service behind it', { status: 502 }, true],
    ['a turn that failed', { status: 502, code: 'turn_failed' }, false],
    ['a broken server that does not say', { status: 500 }, false],
  ])('%s', (_what, facts, expected) => expect(mayAskAgain(failure(facts))).toBe(expected));

  test('goes by what the catalogue says of every code', () => {
    for (const [code, { status, retryable }] of Object.entries(catalogue)) {
      expect(mayAskAgain(failure({ code, status, shouldRetry: String(retryable) }))).toBe(retryable);
    }
  });
});

describe('the pause', () => {
  test('doubles, has an upper half by lot, and is bounded', () => {
    const policy = { firstPauseMs: 250, maxPauseMs: 8_000 };
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (n, fraction) => {
          const wholeMs = Math.min(8_000, 250 * 2 ** (n - 1));
          const ms = pauseMsAfter(n, policy, { fraction });
          expect(ms).toBeGreaterThanOrEqual(wholeMs / 2);
          expect(ms).toBeLessThanOrEqual(wholeMs);
        },
      ),
    );
  });

  test('is never shorter than the service asked for', () => {
    expect(pauseMsAfter(1, defaultRetryPolicy, { fraction: 0.9, retryAfterMs: 4_000 })).toBe(4_000);
  });
});

describe('Retry-After', () => {
  const after = (headers: Record<string, string>) => retryAfterMsOf(new Headers(headers));

  test('is read in seconds', () => expect(after({ 'retry-after': '3' })).toBe(3_000));
  test("is read as a date against the answer's own", () => {
    const date = 'Wed, 21 Oct 2026 07:28:00 GMT';
    expect(after({ 'retry-after': 'Wed, 21 Oct 2026 07:28:05 GMT', date })).toBe(5_000);
    expect(after({ 'retry-after': 'Wed, 21 Oct 2026 07:27:00 GMT', date })).toBe(0);
  });
  test.each(['soon', '-1', ''])('is nothing when it is %p', (value) =>
    expect(after({ 'retry-after': value })).toBeUndefined(),
  );
});
