import { limits } from '../../contracts/index.ts';
import type { TurnMessage, TurnQueue } from '../../ports/index.ts';
import { TurnLanes } from '../turn-lanes.ts';

export interface MemoryTurnQueueOptions {
  /** Told of a handler that threw; the message is dropped. Must not throw itself. */
  readonly onError: (error: unknown, message: TurnMessage) => void;
  readonly maxMessages?: number;
}

/**
 * The queue of a process that holds all services: one lane a session, lanes take turns.
 *
 * Loses what waits when the process ends; the embedded start enqueues every open turn again. Bounds: `maxMessages` wait (default
 * limits.queue.maxMessages), further `enqueue` calls wait in the order of their arrival. One consumer at a time; a second one gets
 * `invariant_broken`. An ending does not take its turn's waiting message out: the handler reads the stream and drops it.
 */
export class MemoryTurnQueue implements TurnQueue {
  readonly #maxMessages: number;
  readonly #lanes: TurnLanes;
  #enqueued: Promise<void> = Promise.resolve();
  #onRoom: (() => void) | undefined;

  constructor({ onError, maxMessages = limits.queue.maxMessages }: MemoryTurnQueueOptions) {
    this.#maxMessages = maxMessages;
    this.#lanes = new TurnLanes({ onError, onTaken: () => this.#onRoom?.() });
  }

  enqueue(messages: readonly TurnMessage[]): Promise<void> {
    // Endings first: they must reach a running call even while this call waits for room.
    for (const message of messages) if (message.kind === 'ended') this.#lanes.end(message);
    const added = this.#enqueued.then(() => this.#add(messages));
    this.#enqueued = added;
    return added;
  }

  consume(options: Parameters<TurnQueue['consume']>[0]): Promise<void> {
    return this.#lanes.consume(options);
  }

  depth(): number {
    return this.#lanes.waiting;
  }

  async #add(messages: readonly TurnMessage[]): Promise<void> {
    for (const message of messages) {
      if (message.kind === 'ended' || this.#lanes.isWaiting(message)) continue;
      while (this.#lanes.waiting >= this.#maxMessages) {
        await new Promise<void>((resolve) => {
          this.#onRoom = resolve;
        });
      }
      this.#lanes.add(message);
    }
  }
}
