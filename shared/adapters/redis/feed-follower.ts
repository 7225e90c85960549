import { limits } from '../../contracts/index.ts';
import type { FeedMessage } from '../../ports/index.ts';

/** What one reader of a turn has been given and has not taken yet; bounded by limits.redis.maxWaitingMessages and maxWaitingBytes. */
export class FeedFollower {
  readonly turnId: string;
  #newestId: number;
  #waiting: FeedMessage[] = [];
  #taken = 0;
  #bytes = 0;
  #wake: (() => void) | undefined;
  #isOver = false;

  constructor(turnId: string, after: number) {
    this.turnId = turnId;
    this.#newestId = after;
  }

  /** The newest message it was given; it wants what comes after. */
  get newestId(): number {
    return this.#newestId;
  }

  /** Whether it has enough for now, and is given more once it has taken all of it. */
  get isFull(): boolean {
    const { maxWaitingMessages, maxWaitingBytes } = limits.redis;
    return this.#waiting.length >= maxWaitingMessages || this.#bytes >= maxWaitingBytes;
  }

  /** Gives it what is new to it of a turn's messages after `after`; nothing when it lacks older ones, which it then gets first. */
  give(messages: readonly FeedMessage[], after: number): void {
    if (after > this.#newestId || this.#isOver || this.isFull) return;
    for (const message of messages) {
      if (message.id <= this.#newestId) continue;
      this.#newestId = message.id;
      this.#waiting.push(message);
      this.#bytes += message.payload.length;
    }
    if (this.#waiting.length > this.#taken) this.#wake?.();
  }

  /** The next message, or undefined when there is none yet. */
  take(): FeedMessage | undefined {
    const message = this.#waiting[this.#taken];
    this.#taken += 1;
    if (message) return message;
    this.#waiting = [];
    this.#taken = 0;
    this.#bytes = 0;
    return undefined;
  }

  /** Resolves when there is something to take, or nothing will come any more. */
  async arrived(): Promise<void> {
    if (this.#isOver || this.#waiting.length > this.#taken) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = undefined;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Ends the waiting: the reader went away, or the feed is closed. */
  end(): void {
    this.#isOver = true;
    this.#wake?.();
  }
}
