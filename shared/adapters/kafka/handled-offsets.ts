/** What a commit says of a partition: everything below `offset` is handled; `metadata` says what is handled above it. */
export interface HandledMark {
  readonly offset: number;
  readonly metadata: string;
}

/** Format of the metadata: `1;` the end of what it tells about; then the unhandled offsets above the mark. All in base 36, as distances. */
const VERSION = '1';
const RADIX = 36;

interface Restored {
  /** From here on nothing is known. */
  readonly through: number;
  readonly unhandled: ReadonlySet<number>;
}

/**
 * Which messages of a partition are handled, while they end in another order than they came.
 *
 * The mark of a commit is the low watermark: the oldest message not handled, so that a death loses none. One turn of 25 s would make
 * everything behind it come again, so the mark's metadata tells, as far as its bytes go, which of those are done: `restore` leaves them out.
 * Offsets are numbers: at a million messages a second they are exact for 285 years.
 */
export class HandledOffsets {
  /** Begun and not handled, rising. */
  readonly #pending = new Set<number>();
  #restored: Restored | undefined;
  /** The lowest offset not seen yet; undefined before the first. */
  #next: number | undefined;

  /** Goes on from a mark that was committed; metadata that is not ours is left alone. */
  static restore({ offset, metadata }: HandledMark): HandledOffsets {
    const handled = new HandledOffsets();
    handled.#next = offset;
    handled.#restored = parse(offset, metadata);
    return handled;
  }

  /** The offset that comes next; undefined when any may. */
  get next(): number | undefined {
    return this.#next;
  }

  /** Messages begun and not handled. */
  get pending(): number {
    return this.#pending.size;
  }

  /** True when the message is news; false when it was seen before, in this life or in the one that committed the mark. */
  begin(offset: number): boolean {
    if (this.#next !== undefined && offset < this.#next) return false;
    this.#next = offset + 1;
    const before = this.#restored;
    if (before && offset < before.through && !before.unhandled.has(offset)) return false;
    this.#pending.add(offset);
    return true;
  }

  handled(offset: number): void {
    this.#pending.delete(offset);
  }

  /** The mark to commit, its metadata at most `maxBytes` long; undefined before the first message. */
  mark(maxBytes: number): HandledMark | undefined {
    if (this.#next === undefined) return undefined;
    const [low = this.#next, ...above] = this.#pending;
    if (low === this.#next) return { offset: low, metadata: '' };
    return { offset: low, metadata: print(low, above, this.#next, maxBytes) };
  }
}

function print(low: number, unhandled: readonly number[], next: number, maxBytes: number): string {
  // The longest head: the version, two separators and a distance of 2^53.
  let room = maxBytes - (VERSION.length + 2 + Number.MAX_SAFE_INTEGER.toString(RADIX).length);
  let through = next;
  let last = low;
  const distances: string[] = [];
  for (const offset of unhandled) {
    const distance = (offset - last).toString(RADIX);
    room -= distance.length + 1;
    if (room < 0) {
      through = offset;
      break;
    }
    distances.push(distance);
    last = offset;
  }
  return `${VERSION};${(through - low).toString(RADIX)};${distances.join(',')}`;
}

function parse(low: number, metadata: string): Restored | undefined {
  const match = /^1;([0-9a-z]{1,11});((?:[0-9a-z]{1,11}(?:,[0-9a-z]{1,11})*)?)$/.exec(metadata);
  if (!match) return undefined;
  const [, reach = '', distances = ''] = match;
  const unhandled = new Set([low]);
  let offset = low;
  for (const distance of distances === '' ? [] : distances.split(',')) {
    offset += Number.parseInt(distance, RADIX);
    unhandled.add(offset);
  }
  return { through: low + Number.parseInt(reach, RADIX), unhandled };
}
