import { expect, test } from '@jest/globals';
import type { AppendOutcome, EventLog } from '../../ports/index.ts';
import { advanceUntil } from '../../testing/advance-until.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import { appendEncoded } from './append-encoded.ts';

const RETRY_MS = 5_000;
/** What the event store's adapter takes to give up on a server that says nothing: a margin less than the log's own 5 s. */
const GIVES_UP_MS = 4_900;

test('a log that is silent is told of within the time given, though a retry was begun just before', async () => {
  const clock = new ManualClock();
  let appends = 0;
  const append = async (): Promise<AppendOutcome> => {
    appends += 1;
    await clock.sleep(GIVES_UP_MS);
    return { outcome: 'unknown', cause: 'no answer' };
  };
  const log: Pick<EventLog, 'append'> = { append };
  const appending = appendEncoded({ log: log as EventLog, clock }, 'session-1', 0, [], RETRY_MS);
  await expect(advanceUntil(clock, appending)).rejects.toMatchObject({ code: 'outcome_unknown' });
  expect(clock.monotonicMs()).toBeLessThanOrEqual(RETRY_MS + 10);
  expect(appends).toBe(2);
});

test('a retry that is answered in time counts, and leaves no timer', async () => {
  const clock = new ManualClock();
  const outcomes: AppendOutcome[] = [
    { outcome: 'unknown', cause: 'the connection was cut' },
    { outcome: 'ok', revision: 3 },
  ];
  const append = async (): Promise<AppendOutcome> => outcomes.shift() ?? { outcome: 'unknown', cause: 'no more' };
  const log: Pick<EventLog, 'append'> = { append };
  const appending = appendEncoded({ log: log as EventLog, clock }, 'session-1', 2, [], RETRY_MS);
  expect(await advanceUntil(clock, appending)).toEqual({ outcome: 'ok', revision: 3, afterUnknown: true });
  expect(clock.sleeping).toBe(0);
});
