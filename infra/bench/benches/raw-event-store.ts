import { binaryEvent, EventStoreDBClient, FORWARDS, NO_STREAM, START, streamNameFilter } from '@eventstore/db-client';
import { TurnledgerError } from '@turnledger/shared/contracts';
import type { LogContender } from './log-load.ts';

/** How the client sends an append: a call of its own, as our adapter does, or on one stream that all share, its default. */
export type AppendPath = 'unary' | 'batch';

const SCAN_WITHIN_MS = 60_000;

/** An insecure server takes any; that they are given is what makes the client append by a call each. */
const credentialsOf = (url: string) => {
  const { username, password } = new URL(url.replace(/^esdb(\+discover)?:/, 'http:'));
  return username === ''
    ? { username: 'anonymous', password: 'none' }
    : { username: decodeURIComponent(username), password: decodeURIComponent(password) };
};

/**
 * The ceiling that the EventStoreDB adapter is held against: the same events through the bare client, on a connection of its own, as bytes
 * that nobody parses; no deadline, no lanes, no bound on what is in flight.
 */
export function openRawEventStore(name: string, url: string, path: AppendPath): LogContender {
  const separator = url.includes('?') ? '&' : '?';
  // Clients with equal options would share one connection.
  const client = EventStoreDBClient.connectionString(`${url}${separator}connectionName=bench-${path}`);
  const streamPrefix = `bench-${path}:`;
  const call = path === 'unary' ? { credentials: credentialsOf(url) } : {};
  let appended = 0;
  return {
    name,
    async append(stream, revision, { eventId, type, data, metadata }) {
      const event = binaryEvent({ id: eventId, type, data: Buffer.from(data), metadata });
      const expectedRevision = revision < 0 ? NO_STREAM : BigInt(revision);
      await client.appendToStream(streamPrefix + stream, event, { expectedRevision, ...call });
      appended += 1;
    },
    async read(stream, count) {
      let events = 0;
      const options = { direction: FORWARDS, fromRevision: START, maxCount: count } as const;
      for await (const { event } of client.readStream(streamPrefix + stream, options)) if (event) events += 1;
      return events;
    },
    async scan() {
      const filter = streamNameFilter({ prefixes: [streamPrefix] });
      const subscription = client.subscribeToAll({ fromPosition: START, filter });
      try {
        return await new Promise<number>((resolve, reject) => {
          let events = 0;
          const late = setTimeout(() => reject(lost(name, events, appended)), SCAN_WITHIN_MS);
          subscription.on('data', () => {
            events += 1;
            if (events < appended) return;
            clearTimeout(late);
            resolve(events);
          });
          subscription.once('error', reject);
        });
      } finally {
        await subscription.unsubscribe();
      }
    },
    close: () => client.dispose(),
  };
}

const lost = (name: string, events: number, appended: number) =>
  new TurnledgerError('invariant_broken', { detail: `${name} showed ${events} of ${appended} events` });
