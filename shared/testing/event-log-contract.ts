import { afterEach, beforeEach, describe } from '@jest/globals';
import type { EventLog } from '../ports/index.ts';
import { eventLogAppendCases } from './event-log-append-cases.ts';
import { eventLogConcurrencyCases } from './event-log-concurrency-cases.ts';
import type { CurrentLog } from './event-log-following.ts';
import { eventLogReadCases } from './event-log-read-cases.ts';
import { eventLogRejectionCases } from './event-log-rejection-cases.ts';
import { eventLogRepetitionCases } from './event-log-repetition-cases.ts';
import { eventLogSubscriptionCases } from './event-log-subscription-cases.ts';

/** A log with nothing in it; `close` also closes the log. */
export interface EventLogUnderTest {
  readonly log: EventLog;
  close(): Promise<void>;
}

/** The rules of the EventLog port, for every adapter; each case gets an empty log. */
export function eventLogContract(adapter: string, open: () => Promise<EventLogUnderTest>): void {
  describe(`EventLog: ${adapter}`, () => {
    let opened: EventLogUnderTest;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.close());

    const current: CurrentLog = () => opened.log;
    eventLogAppendCases(current);
    eventLogRepetitionCases(current);
    eventLogRejectionCases(current);
    eventLogConcurrencyCases(current);
    eventLogReadCases(current);
    eventLogSubscriptionCases(current);
  });
}
