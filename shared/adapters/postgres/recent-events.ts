import { limits } from '../../contracts/index.ts';
import type { RecordedEvent } from '../../ports/index.ts';
import { ChangeSignal } from '../change-signal.ts';

/** What an event holds in memory, at most: V8 keeps a string in one or two bytes a character; its envelope is small beside that. */
const heldBytes = ({ data }: RecordedEvent) => 2 * data.length + 1_024;

/**
 * The newest events of the log, without a gap, and the newest position that this process has heard of. A live subscriber is served from
 * here as long as its position lies inside; else it asks the database. Bounds: limits.log.recentEvents and recentBytes, oldest dropped.
 */
export class RecentEvents {
  /** Raised when the log is known to have grown. */
  readonly changes = new ChangeSignal();
  #events: RecordedEvent[] = [];
  /** Events before this index are dropped already; the array is cut now and then, which is cheaper than a shift an event. */
  #start = 0;
  #bytes = 0;
  #knownHead = 0n;
  #ownGroup: Promise<unknown> | undefined;

  /** Takes events that stand in the log side by side, in log order; those already here are passed over. */
  add(events: readonly RecordedEvent[]): void {
    const newest = this.#events.at(-1)?.position;
    const fresh = newest === undefined ? events : events.filter(({ position }) => position > newest);
    const [first] = fresh;
    if (first === undefined) return;
    // Writers of other processes came in between: only what follows the gap is still without one.
    if (newest !== undefined && first.position !== newest + 1n) this.#clear();
    for (const event of fresh) {
      this.#events.push(event);
      this.#bytes += heldBytes(event);
    }
    this.#dropOldest();
    this.noteHead(this.#events.at(-1)?.position ?? this.#knownHead);
  }

  /** Takes the events of a group that is at the disk, once they are written; until then rumours wait. Gives and throws what the group does. */
  async own<Result extends { readonly events: readonly RecordedEvent[] }>(group: Promise<Result>): Promise<Result> {
    const added = group.then(({ events }) => this.add(events));
    this.#ownGroup = added.catch(() => {});
    await added.finally(() => {
      this.#ownGroup = undefined;
    });
    return group;
  }

  /**
   * What another connection has heard of the head. A notification of our own group is here before the group's answer, which brings the
   * events themselves: believed at once, it sent each subscriber to the database for them, 1.3 times a turn at one client.
   */
  noteRumour(position: bigint): void {
    if (this.#ownGroup === undefined) this.noteHead(position);
    else void this.#ownGroup.then(() => this.noteHead(position));
  }

  /** The log reaches at least this far. */
  noteHead(position: bigint): void {
    if (position <= this.#knownHead) return;
    this.#knownHead = position;
    this.changes.raise();
  }

  /**
   * At most `maxEvents` events after a position, empty when that is the newest one known; undefined when what follows the position is
   * not all here.
   */
  after(position: bigint, maxEvents: number): readonly RecordedEvent[] | undefined {
    const oldest = this.#events[this.#start]?.position;
    const newest = this.#events.at(-1)?.position;
    if (oldest === undefined || newest === undefined || position < oldest - 1n || position > newest) return undefined;
    if (position === newest && this.#knownHead > newest) return undefined;
    const from = this.#start + Number(position - oldest + 1n);
    return this.#events.slice(from, from + maxEvents);
  }

  #dropOldest(): void {
    const { recentEvents, recentBytes } = limits.log;
    while (this.#events.length - this.#start > recentEvents || this.#bytes > recentBytes) {
      const oldest = this.#events[this.#start];
      if (oldest === undefined) break;
      this.#bytes -= heldBytes(oldest);
      this.#start += 1;
    }
    if (this.#start >= recentEvents) {
      this.#events = this.#events.slice(this.#start);
      this.#start = 0;
    }
  }

  #clear(): void {
    this.#events = [];
    this.#start = 0;
    this.#bytes = 0;
  }
}
