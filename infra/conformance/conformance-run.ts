import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type AppendResult,
  type Credentials,
  type EventData,
  EventStoreDBClient,
  FORWARDS,
  type JSONEventData,
  jsonEvent,
  type ReadStreamOptions,
  type ResolvedEvent,
} from '@eventstore/db-client';
import type { ServerPower, ServerUnderTest } from './server-under-test.ts';

/** BATCH is the library's default; UNARY is what it does when a call brings credentials, of which an insecure server accepts any. */
export type AppendPath = 'batch' | 'unary';
export const APPEND_PATHS: readonly AppendPath[] = ['unary', 'batch'];

export type Expected = bigint | 'any' | 'no_stream' | 'stream_exists';

const DEFAULT_CREDENTIALS: Credentials = { username: 'admin', password: 'changeit' };
/** A read without a bound leaks its call when it is left early, and the hundredth such read hangs. */
const MAX_READ_EVENTS = 1_000;

/** A client never finishes with a call that was left early, see the read cases. */
const DISPOSE_TIMEOUT_MS = 1_000;

/** What a case works with; made anew for every case, so that no case sees another's broken client. */
export interface ConformanceRun {
  readonly client: EventStoreDBClient;
  readonly power: ServerPower | undefined;
  /** A client on a connection of its own: equal options would share one. */
  separateClient(options?: string): EventStoreDBClient;
  /** The name of a stream that no other case and no other run has; deleted when the run ends. */
  newStream(topic?: string): string;
  append(path: AppendPath, stream: string, expected: Expected, events: readonly EventData[]): Promise<AppendResult>;
  /** Reads at most 1,000 events, at once iterated: the error of a missing stream is uncaught otherwise. */
  read(stream: string, options?: ReadStreamOptions): Promise<readonly ResolvedEvent[]>;
  dispose(): Promise<void>;
}

/** What all cases of a run share. */
export interface ConformanceSession {
  /** Begins every stream's name. */
  readonly prefix: string;
  open(): ConformanceRun;
  /** Deletes every stream that a case has written, and tells how many there were. Rejects when the server does not let it. */
  deleteStreams(): Promise<number>;
}

/** An event that differs from every other by its id. */
export const newEvent = (data: JSONEventData['data'] = { n: 0 }, id: string = randomUUID()): EventData =>
  jsonEvent({ id, type: 'ConformanceChecked', data, metadata: { source: 'conformance' } });

export const newEvents = (count: number): readonly EventData[] =>
  Array.from({ length: count }, (_, n) => newEvent({ n }));

export const idsOf = (events: readonly ResolvedEvent[]): readonly (string | undefined)[] =>
  events.map(({ event }) => event?.id);

const credentialsIn = (url: string): Credentials => {
  const { username, password } = new URL(url.replace(/^esdb(\+discover)?:/, 'http:'));
  return username === ''
    ? DEFAULT_CREDENTIALS
    : { username: decodeURIComponent(username), password: decodeURIComponent(password) };
};

export const openConformanceSession = ({ url, power }: ServerUnderTest): ConformanceSession => {
  const prefix = `conformance-${randomUUID()}-`;
  const credentials = credentialsIn(url);
  const streams: string[] = [];
  let connections = 0;

  const open = (): ConformanceRun => {
    const client = EventStoreDBClient.connectionString(url);
    const clients = [client];
    return {
      client,
      power,
      separateClient(options = '') {
        connections += 1;
        const separator = url.includes('?') ? '&' : '?';
        const separate = EventStoreDBClient.connectionString(
          `${url}${separator}keepAliveInterval=${20_000 + connections}${options}`,
        );
        clients.push(separate);
        return separate;
      },
      newStream(topic = 'stream') {
        const name = `${prefix}${topic}-${streams.length}`;
        streams.push(name);
        return name;
      },
      append: (path, stream, expectedRevision, events) =>
        client.appendToStream(stream, [...events], {
          expectedRevision,
          ...(path === 'unary' ? { credentials } : {}),
        }),
      async read(stream, options = {}) {
        const found: ResolvedEvent[] = [];
        for await (const event of client.readStream(stream, {
          direction: FORWARDS,
          maxCount: MAX_READ_EVENTS,
          ...options,
        }))
          found.push(event);
        return found;
      },
      async dispose() {
        const disposed = Promise.all(clients.map((one) => one.dispose()));
        const limit = new AbortController();
        const late = delay(DISPOSE_TIMEOUT_MS, undefined, { signal: limit.signal }).catch(() => undefined);
        await Promise.race([disposed, late]);
        limit.abort();
      },
    };
  };

  return {
    prefix,
    open,
    async deleteStreams() {
      const { client, read, dispose } = open();
      let deleted = 0;
      for (const stream of streams) {
        // To delete what is not there would leave metadata of it behind.
        const found = await read(stream, { maxCount: 1 }).catch(() => []);
        if (found.length === 0) continue;
        await client.deleteStream(stream, { expectedRevision: 'any' });
        deleted += 1;
      }
      await dispose();
      return deleted;
    },
  };
};
