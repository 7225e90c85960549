import type { RetryPolicy } from './client-bounds.ts';

/** What is known of a request that did not succeed. */
export interface Failure {
  readonly code: string;
  /** Undefined when no answer came. */
  readonly status: number | undefined;
  /** The header `x-should-retry`. */
  readonly shouldRetry: string | null;
}

interface RetryRule {
  readonly when: string;
  matches(failure: Failure): boolean;
  readonly retry: boolean;
}

/** The first rule that matches decides. Every repetition goes out under the same key. */
export const retryTable: readonly RetryRule[] = [
  { when: 'the service says no', matches: ({ shouldRetry }) => shouldRetry === 'false', retry: false },
  { when: 'the service says yes', matches: ({ shouldRetry }) => shouldRetry === 'true', retry: true },
  { when: 'no answer came', matches: ({ status }) => status === undefined, retry: true },
  {
    when: 'too slow, too many, or unavailable',
    matches: ({ status }) => [408, 429, 503].includes(status ?? 0),
    retry: true,
  },
  {
    when: 'a proxy found nobody behind it, or not in time',
    matches: ({ status, code }) => code === `http_${status}` && (status === 502 || status === 504),
    retry: true,
  },
];

/** Whether a failed request may be asked again, under the same key. */
export const mayAskAgain = (failure: Failure): boolean =>
  retryTable.find((rule) => rule.matches(failure))?.retry ?? false;

/**
 * The pause after the n-th failure in a row (from 1), milliseconds: doubling from `firstPauseMs` to `maxPauseMs`, the upper half of it
 * drawn, and never shorter than the service asked for. `fraction` is a random number in [0, 1).
 */
export function pauseMsAfter(
  failures: number,
  { firstPauseMs, maxPauseMs }: Pick<RetryPolicy, 'firstPauseMs' | 'maxPauseMs'>,
  { fraction, retryAfterMs = 0 }: { readonly fraction: number; readonly retryAfterMs?: number | undefined },
): number {
  const wholeMs = Math.min(maxPauseMs, firstPauseMs * 2 ** (failures - 1));
  return Math.max(wholeMs * (0.5 + fraction / 2), retryAfterMs);
}
