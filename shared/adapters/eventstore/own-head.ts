import { limits, TurnledgerError } from '../../contracts/index.ts';
import type { LogPlace, ReadBackwards } from './read-events.ts';

const unavailable = (detail: string) => new TurnledgerError('store_unavailable', { detail });

/** A stretch of the log without an event of ours: after `after`, up to and with `through`. */
interface SearchedStretch {
  readonly after: bigint;
  readonly through: bigint;
}

/**
 * Where our newest event stands in a log that others may write to as well. Reads of `$all` take no filter, so it looks backwards from the
 * end, and stops at the newest event of ours that this process has met (been shown or been started from): mostly one event is
 * read, about 1.2 ms. Behind a mass of foreign events one look may run out of its time (some 200,000 events); the next goes on where it
 * stopped. At most one look is under way; those who ask meanwhile share the next one.
 */
export class OwnHead {
  readonly #readBackwards: ReadBackwards;
  readonly #nowMs: () => number;
  /** The newest event of ours at or before `#knownThrough`; 0 for none. */
  #head = 0n;
  #knownThrough = 0n;
  #searched: SearchedStretch | undefined;
  #current: Promise<bigint> | undefined;
  #next: Promise<bigint> | undefined;

  constructor(readBackwards: ReadBackwards, nowMs: () => number) {
    this.#readBackwards = readBackwards;
    this.#nowMs = nowMs;
  }

  /** An event of ours stands there. */
  note(position: bigint): void {
    if (position > this.#knownThrough) this.#learn(position, position);
  }

  /** Where our newest event stands, at this moment or later; 0 when there is none. Throws `store_unavailable`. */
  look(): Promise<bigint> {
    if (this.#current === undefined) {
      this.#current = this.#search().finally(() => {
        this.#current = undefined;
      });
      return this.#current;
    }
    this.#next ??= this.#current
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined;
        return this.look();
      });
    return this.#next;
  }

  async #search(): Promise<bigint> {
    const dueMs = this.#nowMs() + limits.log.readTimeoutMs;
    const known = this.#head;
    let before: bigint | undefined;
    let newest: bigint | undefined;
    for (let pages = 0; this.#nowMs() < dueMs; pages += 1) {
      const page = await this.#page(before, pages, dueMs - this.#nowMs());
      let oldest: bigint | undefined = before;
      for (const { position, isOwn } of page) {
        if (oldest !== undefined && position >= oldest) continue;
        oldest = position;
        newest ??= position;
        if (newest < known) throw unavailable(`the log ends before ${known}, where an event of ours was`);
        if (position <= this.#knownThrough) return this.#learn(newest, this.#head);
        if (isOwn) return this.#learn(newest, position);
      }
      if (oldest === before || oldest === undefined) return this.#startReached(newest ?? 0n, known);
      before = this.#skipSearched(newest ?? oldest, oldest);
      if (before <= this.#knownThrough) return this.#learn(newest ?? before, this.#head);
    }
    throw unavailable('the newest event was not found among others in time');
  }

  /** Nothing is older, so nothing is ours; but where an event of ours was known before the search, the log has lost it. */
  #startReached(newest: bigint, known: bigint): bigint {
    if (known > 0n) throw unavailable(`the log does not reach back to ${known}, where an event of ours was`);
    return newest < this.#knownThrough ? this.#head : this.#learn(newest, 0n);
  }

  /** Joins what was searched now with what was before, where they meet; gives where to go on. */
  #skipSearched(through: bigint, after: bigint): bigint {
    const before = this.#searched;
    if (before !== undefined && after > before.through) return after;
    this.#searched = { through, after: before !== undefined && before.after < after ? before.after : after };
    return this.#searched.after;
  }

  #learn(through: bigint, head: bigint): bigint {
    if (through >= this.#knownThrough) {
      this.#knownThrough = through;
      this.#head = head;
      this.#searched = undefined;
    }
    return this.#head;
  }

  #page(before: bigint | undefined, number: number, timeoutMs: number): Promise<readonly LogPlace[]> {
    const sizes = limits.eventStore.headPageEvents;
    const maxCount = sizes[Math.min(number, sizes.length - 1)] ?? 1;
    return this.#readBackwards({ before, maxCount, timeoutMs: Math.max(1, timeoutMs) });
  }
}
