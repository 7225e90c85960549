import { setMaxListeners } from 'node:events';
import type { EventStoreDBClient } from '@eventstore/db-client';
import { limits } from '../../contracts/index.ts';
import type { Clock } from '../../ports/index.ts';
import type { EventStoreConnection } from './connection-string.ts';

/** What the adapter tells an operator; the runtime's log fits. */
export interface EventStoreNotices {
  info(facts: object, sentence: string): void;
  warn(facts: object, sentence: string): void;
}

/** The client of the moment; `retired` aborts when another one takes its place, or the log is closed. */
export interface HeldClient {
  readonly client: EventStoreDBClient;
  readonly retired: AbortSignal;
}

/** Heard by every read and subscription of a client, which is more than the ten that Node takes for a leak. */
function retirement(): AbortController {
  const retire = new AbortController();
  setMaxListeners(limits.eventStore.maxReadsInFlight + limits.eventStore.maxSubscriptions, retire.signal);
  return retire;
}

/**
 * Closes the connection once the calls on it have ended, without which the next client would be given it again; a call that begins later throws, so nobody may hold the client any more. The client
 * has no method for it and keeps its channel for subclasses, hence the cast.
 */
async function closeChannel(client: EventStoreDBClient): Promise<void> {
  const { getChannel } = client as unknown as { getChannel(): Promise<{ close(): void }> };
  const channel = await getChannel().catch(() => undefined);
  channel?.close();
}

/**
 * The one client of the process. It reconnects by itself after `unavailable`, but not from a server that accepts and keeps silent: after
 * limits.eventStore.failuresBeforeNewClient calls in a row that failed, a new client with a connection of its own takes its place, at
 * most one in a pause that doubles from minClientLifeMs to maxClientLifeMs until a call succeeds. Calls under way on the old one end by
 * their own deadlines.
 */
export class ClientHolder {
  readonly #connection: EventStoreConnection;
  readonly #clock: Clock;
  readonly #notices: EventStoreNotices | undefined;
  #held: HeldClient;
  #retire: AbortController;
  #madeAtMs: number;
  #failures = 0;
  #minLifeMs: number = limits.eventStore.minClientLifeMs;
  #isClosed = false;

  constructor(connection: EventStoreConnection, clock: Clock, notices: EventStoreNotices | undefined) {
    this.#connection = connection;
    this.#clock = clock;
    this.#notices = notices;
    this.#retire = retirement();
    this.#held = { client: connection.client(), retired: this.#retire.signal };
    this.#madeAtMs = clock.monotonicMs();
  }

  get held(): HeldClient {
    return this.#held;
  }

  /** The server answered, be it a conflict. */
  noteSuccess(): void {
    if (this.#failures >= limits.eventStore.failuresBeforeNewClient) {
      this.#notices?.info({ address: this.#connection.address }, 'the event store answers again');
    }
    this.#failures = 0;
    this.#minLifeMs = limits.eventStore.minClientLifeMs;
  }

  /** A call failed for another reason than its content. */
  noteFailure(cause: string): void {
    this.#failures += 1;
    if (this.#failures === limits.eventStore.failuresBeforeNewClient) {
      this.#notices?.warn({ address: this.#connection.address, cause }, 'the event store does not answer');
    }
    const isDue = this.#clock.monotonicMs() - this.#madeAtMs >= this.#minLifeMs;
    if (this.#isClosed || !isDue || this.#failures < limits.eventStore.failuresBeforeNewClient) return;
    this.#minLifeMs = Math.min(2 * this.#minLifeMs, limits.eventStore.maxClientLifeMs);
    this.#replace();
  }

  /** Ends reads and subscriptions that are under way, and closes the connection; appends must be done before. */
  close(): void {
    this.#isClosed = true;
    this.#retire.abort();
    void closeChannel(this.#held.client);
  }

  #replace(): void {
    const { client } = this.#held;
    const retire = this.#retire;
    this.#retire = retirement();
    this.#held = { client: this.#connection.client(), retired: this.#retire.signal };
    this.#madeAtMs = this.#clock.monotonicMs();
    retire.abort();
    void closeChannel(client);
  }
}
