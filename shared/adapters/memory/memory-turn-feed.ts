import { limits } from '../../contracts/index.ts';
import type { Clock, FeedMessage, TurnFeed } from '../../ports/index.ts';
import { KeptMessages } from './kept-messages.ts';

export interface MemoryTurnFeedOptions {
  readonly clock: Clock;
  readonly bounds?: FeedBounds;
}

/** See limits.feed, which is the default. */
export interface FeedBounds {
  readonly keepAfterEndMs: number;
  readonly keepIdleMs: number;
  readonly maxBytes: number;
  readonly maxBytesPerTurn: number;
}

/**
 * Live deltas of the turns of one process; readers pull from one shared list a turn, so a slow reader costs nothing.
 *
 * Bounds: `maxBytes` in all, where room is made by dropping ended turns first, then open ones, each time the one longest without
 * news; `maxBytesPerTurn`, past which deltas are dropped and only `started` and `ended` pass. An ended turn is kept for
 * `keepAfterEndMs`, an open one that nothing comes for `keepIdleMs`. Old turns are dropped at the next publish or read, without a
 * timer. A reader whose turn was dropped before it read the ending waits until its signal aborts.
 */
export class MemoryTurnFeed implements TurnFeed {
  readonly #clock: Clock;
  readonly #bounds: FeedBounds;
  /** Both in the order of their newest message, so that the first is the first to go. */
  readonly #open = new Map<string, KeptMessages>();
  readonly #ended = new Map<string, KeptMessages>();
  readonly #waiting = new Map<string, Set<() => void>>();
  #keptBytes = 0;

  constructor({ clock, bounds = limits.feed }: MemoryTurnFeedOptions) {
    this.#clock = clock;
    this.#bounds = bounds;
  }

  /** What the kept messages take, for health and metrics. */
  get keptBytes(): number {
    return this.#keptBytes;
  }

  /** Readers that wait for news, for health and metrics. */
  get waitingReaders(): number {
    let count = 0;
    for (const { size } of this.#waiting.values()) count += size;
    return count;
  }

  async publish(turnId: string, message: FeedMessage): Promise<void> {
    this.#dropOld();
    const kept = this.#find(turnId) ?? new KeptMessages();
    if (!kept.isNext(message)) return;
    this.#remove(turnId);
    kept.add(message, { maxBytes: this.#bounds.maxBytesPerTurn, nowMs: this.#clock.monotonicMs() });
    // Room is made while this turn is in neither map, so that it cannot be dropped for its own sake.
    this.#makeRoom(kept.bytes);
    (kept.hasEnded ? this.#ended : this.#open).set(turnId, kept);
    this.#keptBytes += kept.bytes;
    for (const wake of this.#waiting.get(turnId) ?? []) wake();
  }

  async *read(turnId: string, options: Parameters<TurnFeed['read']>[1]): AsyncGenerator<FeedMessage> {
    const { after, signal, follow = true } = options;
    let newestRead = after;
    while (!signal.aborted) {
      this.#dropOld();
      const kept = this.#find(turnId);
      const message = kept?.firstAfter(newestRead);
      if (message) {
        newestRead = message.id;
        yield message;
        if (message.kind === 'ended') return;
      } else if (kept?.hasEnded || !follow) return;
      else await this.#untilPublished(turnId, signal);
    }
  }

  #find(turnId: string): KeptMessages | undefined {
    return this.#open.get(turnId) ?? this.#ended.get(turnId);
  }

  #remove(turnId: string): void {
    this.#keptBytes -= this.#find(turnId)?.bytes ?? 0;
    this.#open.delete(turnId);
    this.#ended.delete(turnId);
  }

  #dropOld(): void {
    const nowMs = this.#clock.monotonicMs();
    this.#dropUntouchedSince(nowMs - this.#bounds.keepAfterEndMs, this.#ended);
    this.#dropUntouchedSince(nowMs - this.#bounds.keepIdleMs, this.#open);
  }

  #dropUntouchedSince(sinceMs: number, turns: ReadonlyMap<string, KeptMessages>): void {
    for (const [turnId, { newestAtMs }] of turns) {
      if (newestAtMs > sinceMs) return;
      this.#remove(turnId);
    }
  }

  #makeRoom(bytes: number): void {
    for (const turns of [this.#ended, this.#open]) {
      for (const turnId of turns.keys()) {
        if (this.#keptBytes + bytes <= this.#bounds.maxBytes) return;
        this.#remove(turnId);
      }
    }
  }

  #untilPublished(turnId: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(turnId) ?? new Set();
      this.#waiting.set(turnId, waiting);
      const wake = () => {
        signal.removeEventListener('abort', wake);
        waiting.delete(wake);
        if (waiting.size === 0) this.#waiting.delete(turnId);
        resolve();
      };
      waiting.add(wake);
      signal.addEventListener('abort', wake, { once: true });
    });
  }
}
