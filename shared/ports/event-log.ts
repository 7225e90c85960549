/** Where a stream is expected to stand: the revision of its newest event (from 0), or that it does not exist yet. */
export type ExpectedRevision = number | 'no_stream';

/** An event, encoded once: these bytes are stored, hashed and sent again unchanged by every retry. */
export interface EncodedEvent {
  /** UUID, made per decision; never shared by two writers. */
  readonly eventId: string;
  readonly type: string;
  /** JSON text, stored byte for byte. */
  readonly data: string;
  /** Flat strings: recordedAt, correlationId, causationId, actor, schemaVersion, traceparent?, prevHash, hash. */
  readonly metadata: { readonly [name: string]: string };
}

/** An event as it stands in its stream. */
export interface StoredEvent extends EncodedEvent {
  readonly stream: string;
  /** From 0, without gaps. */
  readonly revision: number;
}

/** An event as the whole log shows it. */
export interface RecordedEvent extends StoredEvent {
  /** Rising in the order of the whole log; opaque but for comparison. */
  readonly position: bigint;
  /** The log's own clock, milliseconds since the epoch; deadlines count from it, nothing else does. */
  readonly loggedAtMs: number;
}

/**
 * What became of an append. `ok` also answers a repetition: the same ids at the same expected revision, however much came later.
 * `unknown`: the log did not say; the only outcome to retry, with the same bytes. `rejected`: this append can never succeed.
 */
export type AppendOutcome =
  | { readonly outcome: 'ok'; readonly revision: number }
  | { readonly outcome: 'conflict'; readonly actualRevision: ExpectedRevision }
  | { readonly outcome: 'rejected'; readonly reason: AppendRejection }
  | { readonly outcome: 'unknown'; readonly cause: string };

export type AppendRejection = 'empty' | 'too_many_events' | 'too_large' | 'malformed';

/** A subscription's items: events in log order, and once per catch-up that nothing older is left. */
export type LogItem =
  | { readonly kind: 'event'; readonly event: RecordedEvent }
  | { readonly kind: 'caught_up'; readonly position: bigint };

export interface ReadOptions {
  /** First revision to read, inclusive; default 0. */
  readonly fromRevision?: number;
  /** At most this many events; default and bound 4,096. */
  readonly maxCount?: number;
}

/**
 * The truth. Bounds: 1 MiB of data an append, 100 events an append, stream names of 1 to 255 characters.
 *
 * All-or-nothing per append; events of one append stand side by side in their stream. Positions have no order surprises: a reader
 * that has seen position p will never later be shown an event before p.
 */
export interface EventLog {
  /** Appends; never throws for what the log answers, see AppendOutcome. `ok.revision` is that of the last event of this append. */
  append(stream: string, expected: ExpectedRevision, events: readonly EncodedEvent[]): Promise<AppendOutcome>;
  /** A stream's events in order; an unknown stream reads as empty. Throws `store_unavailable` when the log cannot be read. */
  readStream(stream: string, options?: ReadOptions): Promise<readonly StoredEvent[]>;
  /** The newest event of a stream, or undefined. Throws `store_unavailable`. */
  readHead(stream: string): Promise<StoredEvent | undefined>;
  /**
   * Every event after a position (0n: from the start), then live ones, until the signal aborts (then it ends normally). Reconnects by
   * itself after a lost connection and goes on where it was; no event is skipped or repeated within one call.
   */
  subscribe(options: { readonly after: bigint; readonly signal: AbortSignal }): AsyncIterable<LogItem>;
  /** The position of the newest event, 0n for an empty log. Throws `store_unavailable`. */
  headPosition(): Promise<bigint>;
  close(): Promise<void>;
}
