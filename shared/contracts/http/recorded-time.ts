/** The first and the last moment between which the order of ISO 8601 as text is that of time, in milliseconds: a year of more digits has a sign before it. */
export const firstTimeMs = Date.parse('0000-01-01T00:00:00.000Z');
const lastTimeMs = Date.parse('9999-12-31T23:59:59.999Z');

/** A moment as it is recorded, ISO 8601 in UTC with milliseconds; one beyond those bounds stands at the bound. */
export const recordedTime = (timeMs: number): string =>
  new Date(Math.min(Math.max(timeMs, firstTimeMs), lastTimeMs)).toISOString();
