import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll } from '@jest/globals';
import { CountedPositions } from '../../testing/counted-positions.ts';
import { eventLogContract } from '../../testing/event-log-contract.ts';
import { startEventStoreUnderTest } from '../../testing/event-store-twin-process.ts';
import { systemClock } from '../system/index.ts';
import { EventStoreDbLog } from './event-store-db-log.ts';

let store: Awaited<ReturnType<typeof startEventStoreUnderTest>>;

beforeAll(async () => {
  store = await startEventStoreUnderTest();
});
afterAll(() => store.stop());

// An empty log is a prefix that nobody has used; the store is never emptied, so that what others have written is always there too.
eventLogContract('EventStoreDB', async () => {
  const log = new CountedPositions(
    new EventStoreDbLog({ url: store.url, prefix: `contract-${randomUUID()}`, clock: systemClock }),
  );
  return { log, close: () => log.close() };
});
