import { limits, TurnledgerError } from '../../contracts/index.ts';
import type { TurnMessage, TurnQueue } from '../../ports/index.ts';

export interface MemoryTurnQueueOptions {
  /** Told of a handler that threw; the message is dropped. Must not throw itself. */
  readonly onError: (error: unknown, message: TurnMessage) => void;
  readonly maxMessages?: number;
}

type ConsumeOptions = Parameters<TurnQueue['consume']>[0];

interface Consumer extends ConsumeOptions {
  readonly finish: () => void;
  /** Handlers that have not returned, also those whose lane an ending has freed: they still hold a slot. */
  running: number;
}

interface Job {
  readonly message: TurnMessage;
}

interface Lane {
  readonly sessionId: string;
  /** By turn id, oldest first: a turn waits once, however often it was enqueued. */
  readonly waiting: Map<string, TurnMessage>;
  running: Job | undefined;
}

/**
 * The queue of a process that holds all services: one lane a session, lanes take turns.
 *
 * Loses what waits when the process ends; the embedded start enqueues every open turn again. Bounds: `maxMessages` wait (default
 * limits.queue.maxMessages), further `enqueue` calls wait in the order of their arrival. One consumer at a time; a second one gets
 * `invariant_broken`. An ending does not take its turn's waiting message out: the handler reads the stream and drops it.
 */
export class MemoryTurnQueue implements TurnQueue {
  readonly #onError: MemoryTurnQueueOptions['onError'];
  readonly #maxMessages: number;
  readonly #lanes = new Map<string, Lane>();
  /** Lanes whose next message may start, the one that waited longest first. */
  readonly #ready = new Set<Lane>();
  #waiting = 0;
  #consumer: Consumer | undefined;
  #enqueued: Promise<void> = Promise.resolve();
  #onRoom: (() => void) | undefined;

  constructor({ onError, maxMessages = limits.queue.maxMessages }: MemoryTurnQueueOptions) {
    this.#onError = onError;
    this.#maxMessages = maxMessages;
  }

  enqueue(messages: readonly TurnMessage[]): Promise<void> {
    // Endings first: they must reach a running call even while this call waits for room.
    for (const message of messages) if (message.kind === 'ended') this.#end(message);
    const added = this.#enqueued.then(() => this.#add(messages));
    this.#enqueued = added;
    return added;
  }

  async consume(options: ConsumeOptions): Promise<void> {
    if (this.#consumer)
      throw new TurnledgerError('invariant_broken', { detail: 'The turn queue has a consumer already' });
    const { concurrency, onRequested, onEnded, signal } = options;
    if (signal.aborted) return;
    await new Promise<void>((resolve) => {
      const consumer: Consumer = { concurrency, onRequested, onEnded, signal, finish: resolve, running: 0 };
      this.#consumer = consumer;
      signal.addEventListener('abort', () => finishIfIdle(consumer), { once: true });
      this.#startReady();
    });
    this.#consumer = undefined;
  }

  depth(): number {
    return this.#waiting;
  }

  async #add(messages: readonly TurnMessage[]): Promise<void> {
    for (const message of messages) {
      const { kind, sessionId, turnId } = message;
      if (kind === 'ended' || this.#lanes.get(sessionId)?.waiting.has(turnId)) continue;
      while (this.#waiting >= this.#maxMessages) {
        await new Promise<void>((resolve) => {
          this.#onRoom = resolve;
        });
      }
      const lane = this.#lanes.get(sessionId) ?? { sessionId, waiting: new Map(), running: undefined };
      this.#lanes.set(sessionId, lane);
      lane.waiting.set(turnId, message);
      this.#waiting += 1;
      if (!lane.running) this.#ready.add(lane);
      this.#startReady();
    }
  }

  #end(message: TurnMessage): void {
    try {
      this.#consumer?.onEnded(message);
    } catch (error) {
      this.#onError(error, message);
    }
    const lane = this.#lanes.get(message.sessionId);
    if (!lane?.running || lane.running.message.turnId !== message.turnId) return;
    this.#free(lane, lane.running);
    this.#startReady();
  }

  #startReady(): void {
    const consumer = this.#consumer;
    if (!consumer) return;
    for (const lane of this.#ready) {
      if (consumer.signal.aborted || consumer.running >= consumer.concurrency) return;
      this.#ready.delete(lane);
      const [message] = lane.waiting.values();
      if (message) void this.#run(consumer, lane, message);
    }
  }

  async #run(consumer: Consumer, lane: Lane, message: TurnMessage): Promise<void> {
    const job: Job = { message };
    lane.running = job;
    lane.waiting.delete(message.turnId);
    this.#waiting -= 1;
    consumer.running += 1;
    this.#onRoom?.();
    try {
      await consumer.onRequested(message);
    } catch (error) {
      this.#onError(error, message);
    }
    consumer.running -= 1;
    this.#free(lane, job);
    finishIfIdle(consumer);
    this.#startReady();
  }

  /** Does nothing where an ending has freed the lane before: its next job may run by now. */
  #free(lane: Lane, job: Job): void {
    if (lane.running !== job) return;
    lane.running = undefined;
    if (lane.waiting.size > 0) this.#ready.add(lane);
    else this.#lanes.delete(lane.sessionId);
  }
}

function finishIfIdle(consumer: Consumer): void {
  if (consumer.signal.aborted && consumer.running === 0) consumer.finish();
}
