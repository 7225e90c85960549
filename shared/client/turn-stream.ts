import type { CompletedTurn, Turn } from './documents.ts';
import { requireCompleted } from './problem-of-ending.ts';
import type { TurnEvent } from './turn-events.ts';

/**
 * A turn as it happens. It is followed from the start, whether or not anybody reads: each reader gets every event from the first one on,
 * and leaving a loop early costs nothing but the connection until the turn ends; abort the signal to close that too. What is kept is
 * bounded by the turn: its reply is at most 256 KiB.
 *
 * A loop throws when the turn cannot be followed any further, and ends after the ending, a bad one too.
 */
export class TurnStream implements AsyncIterable<TurnEvent> {
  /** The key the turn was asked for under; undefined where a turn is followed that somebody else asked for. */
  readonly idempotencyKey: string | undefined;
  /**
   * The completed turn. Rejects as a loop throws, and with `turn_failed`, `turn_timed_out`, `turn_cancelled` for a bad ending; a rejection
   * that nobody waits for is not reported.
   */
  readonly turn: Promise<CompletedTurn>;
  readonly #events: TurnEvent[] = [];
  readonly #ended: Promise<Turn>;
  readonly #onEvent: ((event: TurnEvent) => void) | undefined;
  #isOver = false;
  #wakeReaders: () => void = () => undefined;
  #news: Promise<void> = Promise.resolve();

  /** `onEvent` is told first, and must not throw. */
  constructor(
    source: AsyncGenerator<TurnEvent, Turn>,
    {
      idempotencyKey,
      onEvent,
    }: { idempotencyKey?: string | undefined; onEvent?: ((event: TurnEvent) => void) | undefined },
  ) {
    this.idempotencyKey = idempotencyKey;
    this.#onEvent = onEvent;
    this.#expectNews();
    this.#ended = this.#follow(source);
    this.turn = this.#ended.then((turn) => requireCompleted(turn, idempotencyKey));
    this.turn.catch(() => undefined);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<TurnEvent, void> {
    for (let next = 0; ; ) {
      const event = this.#events[next];
      if (event) {
        next += 1;
        yield event;
      } else if (this.#isOver) {
        await this.#ended;
        return;
      } else await this.#news;
    }
  }

  async #follow(source: AsyncGenerator<TurnEvent, Turn>): Promise<Turn> {
    try {
      for (;;) {
        const step = await source.next();
        if (step.done) return step.value;
        this.#onEvent?.(step.value);
        this.#events.push(step.value);
        this.#tellReaders();
      }
    } finally {
      this.#isOver = true;
      this.#tellReaders();
    }
  }

  #expectNews(): void {
    this.#news = new Promise((resolve) => {
      this.#wakeReaders = resolve;
    });
  }

  #tellReaders(): void {
    const wake = this.#wakeReaders;
    this.#expectNews();
    wake();
  }
}
