import { TurnledgerError } from '../contracts/index.ts';
import type { TurnMessage, TurnQueue } from '../ports/index.ts';

type ConsumeOptions = Parameters<TurnQueue['consume']>[0];

/** What a message has to be accounted for with: a place in a partition, for one. */
export interface Delivery {
  /** Told once when the message is done with: handled, or dropped because its handler threw `failure`. */
  readonly onHandled: (failure?: unknown) => void;
  /** True when somebody else answers for the message by now. */
  readonly isRevoked: () => boolean;
}

export interface TurnLanesOptions {
  /** Told of a handler that threw; the message is dropped. Must not throw itself. */
  readonly onError: (error: unknown, message: TurnMessage) => void;
  /** Told each time a message that waited does so no more. Must not throw. */
  readonly onTaken?: () => void;
}

interface Consumer extends ConsumeOptions {
  readonly finish: () => void;
  /** Handlers that have not returned, also those whose lane an ending has freed: they still hold a slot. */
  running: number;
}

interface Job {
  readonly message: TurnMessage;
  /** One for each time the turn's message came while it waited. */
  readonly deliveries: Delivery[];
}

interface Lane {
  readonly sessionId: string;
  /** By turn id, oldest first: a turn waits once, however often it came. */
  readonly waiting: Map<string, Job>;
  running: Job | undefined;
}

/**
 * Who runs next, of what waits in this process: one lane a session, one turn of a lane at a time, lanes take turns.
 *
 * Does not bound what waits: who fills it does, by `waiting`. One consumer at a time; a second one gets `invariant_broken`. An ending does
 * not take its turn's waiting message out: the handler reads the stream and drops it. A turn that comes again while it runs waits behind
 * itself, so that its second coming is not done with before its first.
 */
export class TurnLanes {
  readonly #options: TurnLanesOptions;
  readonly #lanes = new Map<string, Lane>();
  /** Lanes whose next message may start, the one that waited longest first. */
  readonly #ready = new Set<Lane>();
  #waiting = 0;
  #consumer: Consumer | undefined;

  constructor(options: TurnLanesOptions) {
    this.#options = options;
  }

  /** Messages that wait, without those that run. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Handlers that have not returned. */
  get running(): number {
    return this.#consumer?.running ?? 0;
  }

  isWaiting({ sessionId, turnId }: TurnMessage): boolean {
    return this.#lanes.get(sessionId)?.waiting.has(turnId) ?? false;
  }

  /** Puts a turn at the end of its session's lane, or to its message that waits there already. */
  add(message: TurnMessage, delivery?: Delivery): void {
    const { sessionId, turnId } = message;
    const lane = this.#lanes.get(sessionId) ?? { sessionId, waiting: new Map(), running: undefined };
    this.#lanes.set(sessionId, lane);
    const deliveries = delivery ? [delivery] : [];
    const known = lane.waiting.get(turnId);
    if (known) return void known.deliveries.push(...deliveries);
    lane.waiting.set(turnId, { message, deliveries });
    this.#waiting += 1;
    if (!lane.running) this.#ready.add(lane);
    this.#startReady();
  }

  /** Tells the consumer of an ending; when that turn runs here, its session may go on. */
  end(message: TurnMessage): void {
    try {
      this.#consumer?.onEnded(message);
    } catch (error) {
      this.#options.onError(error, message);
    }
    const lane = this.#lanes.get(message.sessionId);
    if (!lane?.running || lane.running.message.turnId !== message.turnId) return;
    this.#free(lane, lane.running);
    this.#startReady();
  }

  /** Starts handling; resolves when the signal has aborted and running handlers are done. What waits then stays. */
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

  /** Forgets what waits and is somebody else's by now; what runs goes on. */
  dropRevoked(): void {
    for (const lane of this.#lanes.values()) {
      for (const [turnId, { deliveries }] of lane.waiting) {
        if (!deliveries.every(({ isRevoked }) => isRevoked())) continue;
        lane.waiting.delete(turnId);
        this.#waiting -= 1;
        this.#options.onTaken?.();
      }
      if (lane.waiting.size > 0) continue;
      this.#ready.delete(lane);
      if (!lane.running) this.#lanes.delete(lane.sessionId);
    }
  }

  #startReady(): void {
    const consumer = this.#consumer;
    if (!consumer) return;
    for (const lane of this.#ready) {
      if (consumer.signal.aborted || consumer.running >= consumer.concurrency) return;
      this.#ready.delete(lane);
      const [job] = lane.waiting.values();
      if (job) void this.#run(consumer, lane, job);
    }
  }

  async #run(consumer: Consumer, lane: Lane, job: Job): Promise<void> {
    const { message, deliveries } = job;
    lane.running = job;
    lane.waiting.delete(message.turnId);
    this.#waiting -= 1;
    consumer.running += 1;
    this.#options.onTaken?.();
    let failure: unknown;
    try {
      await consumer.onRequested(message);
    } catch (error) {
      failure = error;
      this.#options.onError(error, message);
    }
    for (const { onHandled } of deliveries) onHandled(failure);
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
