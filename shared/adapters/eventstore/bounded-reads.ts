import type { StreamingRead } from '@eventstore/db-client';
import { limits, TurnledgerError } from '../../contracts/index.ts';
import type { ClientHolder, HeldClient } from './client-holder.ts';
import { failureText, isAccessDenied, isStreamMissing } from './event-store-failure.ts';

const unavailable = (detail: string, cause?: unknown) => new TurnledgerError('store_unavailable', { detail, cause });

/**
 * All that a read gives. Listens before the read can fail, as an error that nobody hears ends the process, and keeps listening; gives up
 * by itself, because the client has no deadline for reads; cancels what it gives up, or the call would stay open, one of a hundred.
 */
function collect<Item>(start: () => StreamingRead<Item>, retired: AbortSignal, timeoutMs: number): Promise<Item[]> {
  return new Promise((resolve, reject) => {
    const items: Item[] = [];
    const stream = start();
    const end = (settle: () => void) => {
      clearTimeout(timer);
      retired.removeEventListener('abort', onRetired);
      settle();
    };
    const giveUp = (why: string) => {
      end(() => reject(unavailable(why)));
      void stream.cancel().catch(() => undefined);
    };
    const onRetired = () => giveUp('the connection was given up');
    const timer = setTimeout(() => giveUp('no answer in time'), timeoutMs);
    retired.addEventListener('abort', onRetired);
    stream.on('data', (item) => items.push(item));
    stream.on('end', () => end(() => resolve(items)));
    stream.on('error', (error) => end(() => reject(error)));
  });
}

/**
 * Reads of the event store, at most limits.eventStore.maxReadsInFlight at a time and maxQueuedReads waiting. Each is answered within
 * limits.log.readTimeoutMs, its wait included. Whatever goes wrong is `store_unavailable`, its cause the client's own error.
 */
export class BoundedReads {
  readonly #holder: ClientHolder;
  readonly #nowMs: () => number;
  readonly #waiting = new Set<() => void>();
  #inFlight = 0;
  #isClosed = false;

  constructor(holder: ClientHolder, nowMs: () => number) {
    this.#holder = holder;
    this.#nowMs = nowMs;
  }

  /** The items of a read that is bounded by a count; undefined for a stream that does not exist. */
  async items<Item>(
    start: (client: HeldClient['client']) => StreamingRead<Item>,
    timeoutMs: number = limits.log.readTimeoutMs,
  ): Promise<readonly Item[] | undefined> {
    const dueMs = this.#nowMs() + timeoutMs;
    await this.#takeTurn(timeoutMs);
    try {
      if (this.#isClosed) throw unavailable('the log is closed');
      const { client, retired } = this.#holder.held;
      const items = await collect(() => start(client), retired, Math.max(1, dueMs - this.#nowMs()));
      this.#holder.noteSuccess();
      return items;
    } catch (error) {
      return this.#failed(error);
    } finally {
      this.#passTurn();
    }
  }

  /** Reads from now on fail; those under way end with the client. */
  close(): void {
    this.#isClosed = true;
  }

  #failed(error: unknown): undefined {
    if (isStreamMissing(error)) {
      this.#holder.noteSuccess();
      return undefined;
    }
    const cause = failureText(error);
    if (!this.#isClosed) this.#holder.noteFailure(cause);
    if (isAccessDenied(error))
      throw unavailable('the event store refuses the credentials, or what they may read', error);
    throw unavailable(cause, error);
  }

  async #takeTurn(timeoutMs: number): Promise<void> {
    if (this.#isClosed) throw unavailable('the log is closed');
    if (this.#inFlight < limits.eventStore.maxReadsInFlight) {
      this.#inFlight += 1;
      return;
    }
    if (this.#waiting.size >= limits.eventStore.maxQueuedReads) throw unavailable('too many reads wait already');
    await new Promise<void>((resolve, reject) => {
      const take = () => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(take);
        reject(unavailable('its turn did not come in time'));
      }, timeoutMs);
      this.#waiting.add(take);
    });
  }

  /** To who has waited longest, else back. */
  #passTurn(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#inFlight -= 1;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}
