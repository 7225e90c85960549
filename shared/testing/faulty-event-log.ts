import { TurnledgerError } from '../contracts/index.ts';
import type {
  AppendOutcome,
  EncodedEvent,
  EventLog,
  ExpectedRevision,
  ReadOptions,
  StoredEvent,
} from '../ports/index.ts';

/**
 * What a log does wrong: it answers a conflict that is none, or does not say what became of an append that it wrote, or did not write.
 */
export type AppendFault = 'conflict' | 'unknown_written' | 'unknown_unwritten';

/** An append as it was asked for. */
export interface SeenAppend {
  readonly stream: string;
  readonly expected: ExpectedRevision;
  readonly events: readonly EncodedEvent[];
}

/** A read as it was asked for. */
export interface SeenRead {
  readonly stream: string;
  readonly fromRevision: number;
}

/** An event log in front of another that notes what is asked of it, and fails as a test tells it to. */
export class FaultyEventLog implements EventLog {
  readonly appends: SeenAppend[] = [];
  readonly reads: SeenRead[] = [];
  readonly #log: EventLog;
  readonly #faults: (AppendFault | (() => Promise<void>))[] = [];
  #fault: AppendFault | undefined;
  #failingReads = 0;

  constructor(log: EventLog) {
    this.#log = log;
  }

  /** What becomes of the next appends, one after the other; a function runs before its append, as a rival who is faster. */
  onNextAppends(...faults: readonly (AppendFault | (() => Promise<void>))[]): void {
    this.#faults.push(...faults);
  }

  /** What becomes of all appends that nothing else is said of; undefined: nothing is wrong with them. */
  onEveryAppend(fault: AppendFault | undefined): void {
    this.#fault = fault;
  }

  /** So many of the next reads throw `store_unavailable`. */
  failNextReads(count: number): void {
    this.#failingReads = count;
  }

  async append(stream: string, expected: ExpectedRevision, events: readonly EncodedEvent[]): Promise<AppendOutcome> {
    this.appends.push({ stream, expected, events: structuredClone(events) });
    const fault = this.#faults.shift() ?? this.#fault;
    if (fault === 'conflict') return { outcome: 'conflict', actualRevision: expected };
    if (fault === 'unknown_unwritten') return { outcome: 'unknown', cause: 'a planted fault: not written' };
    if (typeof fault === 'function') await fault();
    const outcome = await this.#log.append(stream, expected, events);
    return fault === 'unknown_written'
      ? { outcome: 'unknown', cause: 'a planted fault: the answer was lost' }
      : outcome;
  }

  async readStream(stream: string, options: ReadOptions = {}): Promise<readonly StoredEvent[]> {
    this.#noteRead(stream, options.fromRevision ?? 0);
    return this.#log.readStream(stream, options);
  }

  async readHead(stream: string): Promise<StoredEvent | undefined> {
    this.#noteRead(stream, 0);
    return this.#log.readHead(stream);
  }

  subscribe: EventLog['subscribe'] = (options) => this.#log.subscribe(options);
  headPosition: EventLog['headPosition'] = () => this.#log.headPosition();
  close: EventLog['close'] = () => this.#log.close();

  #noteRead(stream: string, fromRevision: number): void {
    this.reads.push({ stream, fromRevision });
    if (this.#failingReads === 0) return;
    this.#failingReads -= 1;
    throw new TurnledgerError('store_unavailable', { detail: 'a planted fault' });
  }
}
