import { BACKWARDS, END } from '@eventstore/db-client';
import { isTurnledgerError, limits, TurnledgerError } from '../../contracts/index.ts';
import type {
  AppendOutcome,
  Clock,
  EncodedEvent,
  EventLog,
  ExpectedRevision,
  LogItem,
  ReadOptions,
  StoredEvent,
} from '../../ports/index.ts';
import { dataBytes, rejectionOf } from '../append-rules.ts';
import { AppendLanes } from './append-lanes.ts';
import { BoundedReads } from './bounded-reads.ts';
import { ClientHolder, type EventStoreNotices } from './client-holder.ts';
import { eventStoreConnection } from './connection-string.ts';
import { isAccessDenied } from './event-store-failure.ts';
import { OwnHead } from './own-head.ts';
import { readBackwards, readHead, readStream } from './read-events.ts';
import { sendAppend } from './send-append.ts';
import { StreamPrefix } from './stream-prefix.ts';
import { subscribe } from './subscribe.ts';

export interface EventStoreDbLogOptions {
  /** esdb:// or esdb+discover://, with credentials unless it says tls=false. */
  readonly url: string;
  /** The word before our stream names, without the `:` that is put behind it; see StreamPrefix. */
  readonly prefix: string;
  /** Pauses and durations; `loggedAtMs` is the server's. */
  readonly clock: Clock;
  readonly log?: EventStoreNotices;
}

/**
 * The event log in an EventStoreDB, up to 24.6, beside whatever else is stored there. Connects when first used, over one connection with
 * at most limits.eventStore.maxAppendsInFlight appends, maxReadsInFlight reads and maxSubscriptions subscriptions on it. While the store is
 * away or silent, appends are `unknown` and reads throw `store_unavailable`, each within its own 5 s; all recover by themselves. Positions are offsets in the
 * server's log: rising, with gaps, and never 0. The constructor throws `config_invalid` for a URL or prefix that cannot be used.
 */
export class EventStoreDbLog implements EventLog {
  readonly #holder: ClientHolder;
  readonly #lanes: AppendLanes;
  readonly #reads: BoundedReads;
  readonly #head: OwnHead;
  readonly #prefix: StreamPrefix;
  readonly #credentials: { readonly username: string; readonly password: string };
  readonly #clock: Clock;
  readonly #notices: EventStoreNotices | undefined;
  readonly #closed = new AbortController();
  #subscriptions = 0;

  constructor({ url, prefix, clock, log }: EventStoreDbLogOptions) {
    const connection = eventStoreConnection(url);
    const nowMs = () => clock.monotonicMs();
    this.#prefix = new StreamPrefix(prefix);
    this.#credentials = connection.credentials;
    this.#clock = clock;
    this.#notices = log;
    this.#holder = new ClientHolder(connection, clock, log);
    this.#lanes = new AppendLanes(nowMs);
    this.#reads = new BoundedReads(this.#holder, nowMs);
    this.#head = new OwnHead(readBackwards(this.#reads, this.#prefix), nowMs);
  }

  /**
   * Asks whether the store answers, and lets us in. Throws `store_unavailable` after limits.eventStore.openTimeoutMs, and `config_invalid`
   * when it refuses the credentials.
   */
  async probe(): Promise<void> {
    try {
      const newest = { direction: BACKWARDS, fromPosition: END, maxCount: 1 } as const;
      await this.#reads.items((client) => client.readAll(newest), limits.eventStore.openTimeoutMs);
    } catch (error) {
      if (!isTurnledgerError(error) || !isAccessDenied(error.cause)) throw error;
      throw new TurnledgerError('config_invalid', {
        detail: 'the event store refuses the credentials of EVENTSTORE_URL',
      });
    }
  }

  append(stream: string, expected: ExpectedRevision, events: readonly EncodedEvent[]): Promise<AppendOutcome> {
    const reason = rejectionOf(stream, expected, events);
    if (reason !== undefined) return Promise.resolve({ outcome: 'rejected', reason });
    const calls = { holder: this.#holder, credentials: this.#credentials };
    return this.#lanes.append(stream, dataBytes(events), (timeoutMs) =>
      sendAppend(calls, this.#prefix.put(stream), expected, events, timeoutMs),
    );
  }

  readStream(stream: string, options: ReadOptions = {}): Promise<readonly StoredEvent[]> {
    return readStream(this.#reads, this.#prefix, stream, options);
  }

  readHead(stream: string): Promise<StoredEvent | undefined> {
    return readHead(this.#reads, this.#prefix, stream);
  }

  /** As the port has it; throws `invariant_broken` when limits.eventStore.maxSubscriptions are open, since one more would hang unseen. */
  async *subscribe(options: { readonly after: bigint; readonly signal: AbortSignal }): AsyncGenerator<LogItem> {
    if (this.#subscriptions >= limits.eventStore.maxSubscriptions) {
      throw new TurnledgerError('invariant_broken', { detail: 'one process subscribes to the event store too often' });
    }
    this.#subscriptions += 1;
    try {
      yield* subscribe(
        {
          holder: this.#holder,
          head: this.#head,
          prefix: this.#prefix,
          clock: this.#clock,
          notices: this.#notices,
          closed: this.#closed.signal,
        },
        options,
      );
    } finally {
      this.#subscriptions -= 1;
    }
  }

  /** The newest event of ours, whatever others write; see OwnHead for what it costs. */
  headPosition(): Promise<bigint> {
    if (this.#closed.signal.aborted) return Promise.reject(new TurnledgerError('store_unavailable'));
    return this.#head.look();
  }

  /** Waits for the appends that are sent, at most limits.log.appendTimeoutMs; those that wait are `unknown`, reads fail, subscriptions end. */
  async close(): Promise<void> {
    if (this.#closed.signal.aborted) return;
    this.#closed.abort();
    this.#reads.close();
    await this.#lanes.close();
    this.#holder.close();
  }
}
