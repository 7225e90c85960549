import { describe, expect, test } from '@jest/globals';
import { retryAfterMs } from './retry-after.ts';

const date = 'Wed, 01 Jul 2026 12:00:00 GMT';

describe('retryAfterMs', () => {
  test.each([
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after': '1' }, 1_000],
    [{ 'retry-after': '600' }, 600_000],
    [{ 'retry-after': '1.5' }, 1_500],
    [{ 'retry-after-ms': '250', 'retry-after': '9' }, 250],
    [{ 'retry-after-ms': 'soon', 'retry-after': '9' }, 9_000],
    [{ 'retry-after': 'Wed, 01 Jul 2026 12:00:30 GMT', date }, 30_000],
    [{ 'retry-after': 'Wed, 01 Jul 2026 11:00:00 GMT', date }, 0],
  ])('%j is %i ms', (headers, expected) => {
    expect(retryAfterMs(new Headers(headers as Record<string, string>))).toBe(expected);
  });

  test.each([
    [{}],
    [{ 'retry-after': '' }],
    [{ 'retry-after': '-1' }],
    [{ 'retry-after': 'soon' }],
    [{ 'retry-after': '1e9' }],
    [{ 'retry-after': '99999999999' }],
    [{ 'retry-after': '2026-07-01', date }],
    [{ 'retry-after': 'Wed, 01 Jul 2026 12:00:30 GMT' }],
    [{ 'retry-after': 'Wed, 99 Zzz 2026 12:00:30 GMT', date }],
  ])('%j is absent', (headers) => {
    expect(retryAfterMs(new Headers(headers as Record<string, string>))).toBeUndefined();
  });
});
