import {
  type AllStreamResolvedEvent,
  type AllStreamSubscription,
  START,
  streamNameFilter,
} from '@eventstore/db-client';
import { limits } from '../../contracts/index.ts';
import { ChangeSignal } from '../change-signal.ts';
import type { HeldClient } from './client-holder.ts';
import { failureText } from './event-store-failure.ts';
import type { StreamPrefix } from './stream-prefix.ts';

/** Where a feed begins, and who hears that it moves. */
export interface FeedStart {
  readonly prefix: StreamPrefix;
  /** An event's position, exclusive; 0 for the start of the log. */
  readonly after: bigint;
  /** Called when the server says how far it has looked, also past foreign events. */
  readonly onProgress: () => void;
}

/**
 * One subscription of the client to our part of `$all`, read by pulling: what the reader does not take stays with the server but for
 * limits.eventStore.bufferedEvents at each stage. Ends once, with a reason, for an error, an end by the server, or its client's retirement;
 * the client says no more after that and does not reconnect. The server's checkpoints run ahead of the reader, so they count as a sign of
 * life and never as a position.
 */
export class SubscriptionFeed {
  /** Raised when something can be taken, or the feed has ended. */
  readonly changes = new ChangeSignal();
  readonly #stream: AllStreamSubscription;
  readonly #retired: AbortSignal;
  readonly #onRetired = () => this.#end('the connection was given up');
  #ended: string | undefined;

  constructor({ client, retired }: HeldClient, { prefix, after, onProgress }: FeedStart) {
    this.#retired = retired;
    const filter = streamNameFilter({
      prefixes: [prefix.text],
      maxSearchWindow: limits.eventStore.filterWindowEvents,
      checkpointReached: async () => onProgress(),
    });
    this.#stream = client.subscribeToAll(
      { fromPosition: after === 0n ? START : { commit: after, prepare: after }, filter },
      { highWaterMark: limits.eventStore.bufferedEvents },
    );
    this.#stream.on('readable', () => this.changes.raise());
    this.#stream.on('end', () => this.#end('the server ended it'));
    this.#stream.on('close', () => this.#end('it was closed'));
    this.#stream.on('error', (error) => this.#end(failureText(error)));
    retired.addEventListener('abort', this.#onRetired);
    if (retired.aborted) this.#onRetired();
  }

  /** Why nothing will come any more; what is buffered is dropped with it, and is sent again to the next feed. */
  get ended(): string | undefined {
    return this.#ended;
  }

  /** The next event, if it is here. */
  take(): AllStreamResolvedEvent | undefined {
    const item: AllStreamResolvedEvent | null = this.#ended === undefined ? this.#stream.read() : null;
    return item ?? undefined;
  }

  /** Frees its place on the connection; its listeners stay, since an error may still come and must not end the process. */
  cancel(): void {
    this.#end('cancelled');
    void this.#stream.unsubscribe().catch(() => undefined);
  }

  #end(reason: string): void {
    if (this.#ended !== undefined) return;
    this.#ended = reason;
    this.#retired.removeEventListener('abort', this.#onRetired);
    this.changes.raise();
  }
}
