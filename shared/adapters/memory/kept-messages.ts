import type { FeedMessage } from '../../ports/index.ts';

/** What a message costs beside its payload (object, array slot), so that empty ones cannot grow without bound; estimated. */
const MESSAGE_OVERHEAD_BYTES = 100;

/** The messages of one turn, ids rising. */
export class KeptMessages {
  readonly #messages: FeedMessage[] = [];
  #newestId = Number.NEGATIVE_INFINITY;
  #newestAtMs = 0;
  #bytes = 0;
  #hasEnded = false;
  #isCut = false;

  get bytes(): number {
    return this.#bytes;
  }

  /** On the monotonic clock, milliseconds. */
  get newestAtMs(): number {
    return this.#newestAtMs;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** False for what came before, and for everything after the ending. */
  isNext(message: FeedMessage): boolean {
    return !this.#hasEnded && message.id > this.#newestId;
  }

  /**
   * Adds a message that is next. A delta over `maxBytes` is left out, and so is every later one: a text with a hole in its middle
   * would be worse than one that stops. Its id counts all the same, so that a fenced worker stays fenced.
   */
  add(message: FeedMessage, { maxBytes, nowMs }: { readonly maxBytes: number; readonly nowMs: number }): void {
    const bytes = Buffer.byteLength(message.payload) + MESSAGE_OVERHEAD_BYTES;
    this.#newestId = message.id;
    this.#newestAtMs = nowMs;
    if (message.kind === 'delta' && this.#bytes + bytes > maxBytes) this.#isCut = true;
    if (message.kind === 'delta' && this.#isCut) return;
    this.#messages.push(message);
    this.#bytes += bytes;
    this.#hasEnded = message.kind === 'ended';
  }

  /** The oldest message whose id is above `id`, found by halving: a turn may hold thousands. */
  firstAfter(id: number): FeedMessage | undefined {
    let low = 0;
    let high = this.#messages.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#messages[middle]?.id ?? Number.POSITIVE_INFINITY) > id) high = middle;
      else low = middle + 1;
    }
    return this.#messages[low];
  }
}
