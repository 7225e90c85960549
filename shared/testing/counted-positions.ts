import type { EventLog, LogItem, RecordedEvent } from '../ports/index.ts';

/**
 * A log whose positions count its events from 1, over one whose positions are anything that rises: so that the contract suite can say that
 * nothing is skipped or repeated with numbers, whatever a store calls its places. Throws what the log throws; for tests, since it keeps
 * every position that it has met.
 */
export class CountedPositions implements EventLog {
  readonly #log: EventLog;
  /** The log's own position of the event n at n - 1. */
  readonly #places: bigint[] = [];
  #learning: Promise<void> = Promise.resolve();

  append: EventLog['append'];
  readStream: EventLog['readStream'];
  readHead: EventLog['readHead'];
  close: EventLog['close'];

  constructor(log: EventLog) {
    this.#log = log;
    this.append = log.append.bind(log);
    this.readStream = log.readStream.bind(log);
    this.readHead = log.readHead.bind(log);
    this.close = log.close.bind(log);
  }

  async headPosition(): Promise<bigint> {
    return this.#countOf(await this.#log.headPosition());
  }

  async *subscribe(options: { readonly after: bigint; readonly signal: AbortSignal }): AsyncGenerator<LogItem> {
    const after = options.after === 0n ? 0n : await this.#placeOf(options.after);
    for await (const item of this.#log.subscribe({ after, signal: options.signal })) {
      if (item.kind === 'event') yield { kind: 'event', event: await this.#counted(item.event) };
      else yield { kind: 'caught_up', position: await this.#countOf(item.position) };
    }
  }

  async #counted(event: RecordedEvent): Promise<RecordedEvent> {
    return { ...event, position: await this.#countOf(event.position) };
  }

  /** 0 for 0 and -1 for what is the place of no event. */
  async #countOf(place: bigint): Promise<bigint> {
    if (place === 0n) return 0n;
    if (place > (this.#places.at(-1) ?? 0n)) await this.#learnThrough(place);
    return BigInt(this.#indexOf(place) + 1) || -1n;
  }

  async #placeOf(count: bigint): Promise<bigint> {
    if (this.#places[Number(count) - 1] === undefined) await this.#learnThrough(await this.#log.headPosition());
    return this.#places[Number(count) - 1] ?? -1n;
  }

  /** Reads all that is new in the log, one reader at a time. */
  #learnThrough(place: bigint): Promise<void> {
    this.#learning = this.#learning.then(async () => {
      const after = this.#places.at(-1) ?? 0n;
      if (place <= after) return;
      const head = await this.#log.headPosition();
      const stop = new AbortController();
      for await (const item of this.#log.subscribe({ after, signal: stop.signal })) {
        if (item.kind === 'event') this.#places.push(item.event.position);
        if (item.kind === 'caught_up' || item.event.position >= head) break;
      }
      stop.abort();
    });
    return this.#learning;
  }

  #indexOf(place: bigint): number {
    let low = 0;
    let high = this.#places.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#places[middle] ?? place) < place) low = middle + 1;
      else high = middle;
    }
    return this.#places[low] === place ? low : -1;
  }
}
