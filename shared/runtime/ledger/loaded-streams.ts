import type { SealedEvent } from '../../contracts/index.ts';
import type { Clock, EventLog, StoredEvent } from '../../ports/index.ts';
import { zeroHash } from '../../trust/index.ts';
import { decodeEvent } from './opened-events.ts';
import { advance, emptyStream, type LoadedStream, streamCache } from './stream-cache.ts';
import { streamPages } from './stream-pages.ts';
import type { WarmStreams } from './warm-sessions.ts';

/** How the events of a stream become its state. */
export interface Folding<State> {
  readonly initial: State;
  evolve(state: State, event: SealedEvent): State;
  /** A rough size of the state for each event folded in, where the usual one would mislead the cache about its bound. */
  readonly stateBytesPerEvent?: number;
}

/** The streams of one kind as this process knows them: folded, cached, and read again only past the cached revision. */
export class LoadedStreams<State> {
  readonly #folding: Folding<State>;
  readonly #ports: { readonly log: EventLog; readonly clock: Clock };
  readonly #cache: ReturnType<typeof streamCache<State>>;
  readonly #warm: WarmStreams<State> | undefined;
  readonly #loading = new Map<string, Promise<LoadedStream<State>>>();

  /** `warm`: where a stream that this process has not seen yet may have been folded already. */
  constructor(
    folding: Folding<State>,
    ports: { readonly log: EventLog; readonly clock: Clock },
    warm: WarmStreams<State> | undefined,
  ) {
    this.#folding = folding;
    this.#cache = streamCache(folding.stateBytesPerEvent);
    this.#ports = ports;
    this.#warm = warm;
  }

  /** What is known of a stream without a look at the log; undefined for one that is not cached. */
  known(stream: string): LoadedStream<State> | undefined {
    return this.#cache.get(stream);
  }

  /** A stream before its first event. */
  empty(): LoadedStream<State> {
    return emptyStream(this.#folding.initial, this.#ports.clock.monotonicMs());
  }

  /** A stream after further events of it; nothing is kept yet. Throws `event_unknown`, `event_invalid` for one that cannot be read. */
  after(loaded: LoadedStream<State>, events: readonly StoredEvent[]): LoadedStream<State> {
    return advance(loaded, events, this.#fold, this.#ports.clock.monotonicMs());
  }

  /** The stream, looked at in the log at most `maxAgeMs` ago (0: its tail is read now). Throws `store_unavailable`. */
  async load(stream: string, maxAgeMs: number): Promise<LoadedStream<State>> {
    const cached = this.#cache.get(stream);
    if (cached && this.#ports.clock.monotonicMs() - cached.checkedAtMs < maxAgeMs) return cached;
    const running = this.#loading.get(stream);
    // A read under way may have begun before the event that this caller must see: only those content with an older state share it.
    if (running && maxAgeMs > 0) return running;
    const loading = this.#readTail(stream, cached).finally(() => this.#loading.delete(stream));
    this.#loading.set(stream, loading);
    return loading;
  }

  /** Stored events of a stream between two revisions, both inclusive; from memory where they are recent. Throws `store_unavailable`. */
  async events(stream: string, fromRevision: number, throughRevision: number): Promise<readonly StoredEvent[]> {
    if (throughRevision < fromRevision) return [];
    const recent = this.known(stream)?.recent ?? [];
    const oldest = recent[0];
    if (oldest && oldest.revision <= fromRevision && (recent.at(-1)?.revision ?? -1) >= throughRevision) {
      return recent.slice(fromRevision - oldest.revision, throughRevision - oldest.revision + 1);
    }
    const events: StoredEvent[] = [];
    for await (const page of streamPages(this.#ports.log, stream, fromRevision, throughRevision)) events.push(...page);
    return events;
  }

  /** Keeps a stream, and gives what is kept. Two readers may finish out of order: the one that saw more stays. */
  keep(stream: string, loaded: LoadedStream<State>): LoadedStream<State> {
    const cached = this.#cache.peek(stream);
    if (cached && cached.revision > loaded.revision) return cached;
    this.#cache.set(stream, loaded);
    return loaded;
  }

  /** Keeps a stream as the log has it now where other processes may find it. Throws `store_unavailable`. */
  async keepWarm(stream: string): Promise<void> {
    await this.#warm?.write(stream, await this.load(stream, 0));
  }

  /** The next load reads the stream from its first event. */
  forget(stream: string): void {
    this.#cache.delete(stream);
  }

  async #readTail(stream: string, cached: LoadedStream<State> | undefined): Promise<LoadedStream<State>> {
    const warm = cached ? undefined : await this.#readWarm(stream);
    if (warm) return this.keep(stream, warm);
    let loaded = cached ?? this.empty();
    for await (const page of streamPages(this.#ports.log, stream, loaded.revision + 1))
      loaded = this.after(loaded, page);
    return loaded.revision < 0 ? loaded : this.keep(stream, loaded);
  }

  /**
   * A stream that was folded elsewhere and what the log has after it; undefined unless its newest event is the one that stands there: an entry
   * of another log, or of one that was restored from a backup, is none of this stream's.
   */
  async #readWarm(stream: string): Promise<LoadedStream<State> | undefined> {
    const warm = await this.#warm?.read(stream);
    if (!warm) return undefined;
    let loaded: LoadedStream<State> | undefined;
    for await (const page of streamPages(this.#ports.log, stream, warm.revision)) {
      const [head, ...tail] = page;
      if (loaded) loaded = this.after(loaded, page);
      else if (head && (head.metadata.hash ?? zeroHash) === warm.headHash) loaded = this.after(warm, tail);
      else return undefined;
    }
    return loaded;
  }

  readonly #fold = (state: State, event: StoredEvent): State => this.#folding.evolve(state, decodeEvent(event));
}
