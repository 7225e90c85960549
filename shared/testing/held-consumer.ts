import type { TurnMessage, TurnQueue } from '../ports/index.ts';
import { Arrivals } from './arrivals.ts';

/** A consumer of a turn queue whose handlers return when the test says so. */
export class HeldConsumer {
  readonly started = new Arrivals<string>();
  readonly ended = new Arrivals<string>();
  readonly messages: TurnMessage[] = [];
  /** The most handlers that ran at once. */
  mostRunning = 0;
  readonly #held = new Map<string, { readonly resolve: () => void; readonly reject: (error: unknown) => void }>();
  readonly #stop = new AbortController();
  readonly #consumed: Promise<void>;
  #isHolding = true;

  constructor(queue: TurnQueue, concurrency: number) {
    this.#consumed = queue.consume({
      concurrency,
      onRequested: (message) => this.#hold(message),
      onEnded: ({ turnId }) => this.ended.add(turnId),
      signal: this.#stop.signal,
    });
  }

  /** Lets a turn's handler return. */
  release(turnId: string): void {
    this.#held.get(turnId)?.resolve();
    this.#held.delete(turnId);
  }

  /** Makes a turn's handler throw. */
  fail(turnId: string, error: unknown): void {
    this.#held.get(turnId)?.reject(error);
    this.#held.delete(turnId);
  }

  /** Lets every handler return, now and later. */
  releaseAll(): void {
    this.#isHolding = false;
    for (const turnId of this.#held.keys()) this.release(turnId);
  }

  /** Aborts the consumer; resolves when `consume` does, which waits for the handlers that run. */
  stop(): Promise<void> {
    this.#stop.abort();
    return this.#consumed;
  }

  #hold(message: TurnMessage): Promise<void> {
    this.messages.push(message);
    if (!this.#isHolding) {
      this.started.add(message.turnId);
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      this.#held.set(message.turnId, { resolve, reject });
      this.mostRunning = Math.max(this.mostRunning, this.#held.size);
      this.started.add(message.turnId);
    });
  }
}
