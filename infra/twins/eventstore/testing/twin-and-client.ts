import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type EventData, EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { type EventStoreTwin, type EventStoreTwinOptions, startEventStoreTwin } from '../event-store-twin.ts';

/** With credentials the library appends by a call of its own; without, over the one call that all appends share. */
export const UNARY = { credentials: { username: 'admin', password: 'changeit' } };

/** A twin of one test, and a client of it. */
export interface TwinAndClient {
  readonly twin: EventStoreTwin;
  readonly client: EventStoreDBClient;
  /** Ids of a stream's events, in order. */
  idsIn(stream: string): Promise<readonly string[]>;
  close(): Promise<void>;
}

export const newEvent = (id: string = randomUUID()): EventData => jsonEvent({ id, type: 'Tested', data: { id } });

/** Starts both; reads go over a connection of their own, so that a broken client can be asked about. */
export const startTwinAndClient = async (options: EventStoreTwinOptions = {}): Promise<TwinAndClient> => {
  const twin = await startEventStoreTwin(options);
  const client = EventStoreDBClient.connectionString(twin.url);
  return {
    twin,
    client,
    async idsIn(stream) {
      const reader = EventStoreDBClient.connectionString(`${twin.url}&keepAliveInterval=20000`);
      const ids: string[] = [];
      for await (const { event } of reader.readStream(stream, { maxCount: 1_000 })) if (event) ids.push(event.id);
      await reader.dispose();
      return ids;
    },
    async close() {
      await client.dispose();
      await twin.close();
    },
  };
};

/** Both ways on which the library appends. */
export const PATHS = [
  { path: 'unary', options: UNARY },
  { path: 'batch', options: {} },
] as const;

/** How long a promise must stay open to count as one that nothing settles. */
export const QUIET_MS = 300;

/** What becomes of a promise within that time. */
export const settles = (promise: Promise<unknown>): Promise<string> =>
  Promise.race([
    promise.then(
      () => 'resolved',
      () => 'rejected',
    ),
    delay(QUIET_MS, 'open'),
  ]);
