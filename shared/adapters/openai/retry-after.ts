const SECONDS = /^\d{1,9}(\.\d{1,9})?$/;
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/**
 * What the provider asked to wait, in milliseconds: `retry-after-ms`, else `retry-after` in seconds or as a date.
 *
 * A date counts from the answer's own `date`, so that neither clock has to be right; a past one is 0. Junk, negative numbers and a date in an
 * answer without one are absent. Not bounded from above: whether to wait is the caller's decision.
 */
export const retryAfterMs = (headers: Headers): number | undefined => {
  const milliseconds = headers.get('retry-after-ms')?.trim();
  if (milliseconds !== undefined && SECONDS.test(milliseconds)) return Math.ceil(Number(milliseconds));
  const value = headers.get('retry-after')?.trim();
  if (value === undefined) return undefined;
  if (SECONDS.test(value)) return Math.ceil(Number(value) * 1_000);
  const answeredAt = headers.get('date')?.trim();
  if (answeredAt === undefined || !HTTP_DATE.test(value) || !HTTP_DATE.test(answeredAt)) return undefined;
  const waitMs = Date.parse(value) - Date.parse(answeredAt);
  return Number.isNaN(waitMs) ? undefined : Math.max(0, waitMs);
};
