import { limits, TurnledgerError } from '../../contracts/index.ts';
import type {
  AppendOutcome,
  Clock,
  EncodedEvent,
  EventLog,
  ExpectedRevision,
  LogItem,
  ReadOptions,
  RecordedEvent,
} from '../../ports/index.ts';
import { asExpected, baseRevision, judgeAppend, rejectionOf } from '../append-rules.ts';
import { ChangeSignal } from '../change-signal.ts';

/**
 * The event log of one process, gone with it: for tests, simulations and games that keep nothing. Same rules as the durable ones; an
 * append takes effect before the call returns its promise. Grows without bound. After `close` it appends nothing (`unknown`), reads
 * throw `store_unavailable`, and subscriptions end.
 */
export class MemoryEventLog implements EventLog {
  readonly #clock: Clock;
  /** The event at position p stands at p - 1. */
  readonly #events: RecordedEvent[] = [];
  readonly #streams = new Map<string, RecordedEvent[]>();
  readonly #changes = new ChangeSignal();
  #isClosed = false;

  /** The clock stamps `loggedAtMs`. */
  constructor({ clock }: { readonly clock: Clock }) {
    this.#clock = clock;
  }

  async append(stream: string, expected: ExpectedRevision, events: readonly EncodedEvent[]): Promise<AppendOutcome> {
    if (this.#isClosed) return { outcome: 'unknown', cause: 'not written: the log is closed' };
    const reason = rejectionOf(stream, expected, events);
    if (reason !== undefined) return { outcome: 'rejected', reason };
    const stored = this.#streams.get(stream) ?? [];
    const head = stored.length - 1;
    const base = baseRevision(expected);
    const judgement = judgeAppend(base, events, head, (revision) => stored[revision]?.eventId);
    if (judgement === 'conflict') return { outcome: 'conflict', actualRevision: asExpected(head) };
    if (judgement === 'write') {
      this.#streams.set(stream, stored);
      this.#write(stream, stored, events);
    }
    return { outcome: 'ok', revision: base + events.length };
  }

  async readStream(stream: string, options: ReadOptions = {}): Promise<readonly RecordedEvent[]> {
    this.#mustBeOpen();
    const from = Math.max(0, options.fromRevision ?? 0);
    const count = Math.max(0, Math.min(options.maxCount ?? limits.log.maxReadEvents, limits.log.maxReadEvents));
    return (this.#streams.get(stream) ?? []).slice(from, from + count);
  }

  async readHead(stream: string): Promise<RecordedEvent | undefined> {
    this.#mustBeOpen();
    return this.#streams.get(stream)?.at(-1);
  }

  async *subscribe({
    after,
    signal,
  }: {
    readonly after: bigint;
    readonly signal: AbortSignal;
  }): AsyncGenerator<LogItem> {
    let position = after;
    let isBehind = true;
    while (!signal.aborted && !this.#isClosed) {
      const { version } = this.#changes;
      const event = this.#events[Number(position)];
      if (event !== undefined) {
        position = event.position;
        isBehind = true;
        yield { kind: 'event', event };
      } else if (isBehind) {
        isBehind = false;
        yield { kind: 'caught_up', position };
      } else {
        await this.#changes.changed(version, signal);
      }
    }
  }

  async headPosition(): Promise<bigint> {
    this.#mustBeOpen();
    return BigInt(this.#events.length);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#changes.raise();
  }

  #write(stream: string, stored: RecordedEvent[], events: readonly EncodedEvent[]): void {
    const loggedAtMs = this.#clock.nowMs();
    for (const { eventId, type, data, metadata } of events) {
      const position = BigInt(this.#events.length + 1);
      const event = { eventId, type, data, metadata, stream, revision: stored.length, position, loggedAtMs };
      stored.push(event);
      this.#events.push(event);
    }
    this.#changes.raise();
  }

  #mustBeOpen(): void {
    if (this.#isClosed) throw new TurnledgerError('store_unavailable');
  }
}
