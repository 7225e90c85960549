import { EventStoreDbLog, type EventStoreDbLogOptions } from './event-store-db-log.ts';

/**
 * The event log at a connection string, once it answers. Throws `config_invalid` for a string or prefix that cannot be used and for
 * credentials that the server refuses: it will refuse them again. Throws `store_unavailable` when there is no answer within
 * limits.eventStore.openTimeoutMs: it may be asked again. Leaves nothing open when it throws.
 */
export async function openEventStoreLog(options: EventStoreDbLogOptions): Promise<EventStoreDbLog> {
  const log = new EventStoreDbLog(options);
  try {
    await log.probe();
    return log;
  } catch (error) {
    await log.close();
    throw error;
  }
}
