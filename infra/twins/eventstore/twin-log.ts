import { type LoggedEvent, type LoggedWrite, TOMBSTONE_REVISION } from './logged-event.ts';

/** A fresh server has written of its own before the first event comes, so no event stands at 0. */
const FIRST_POSITION = 1_024n;
/** What a record takes beside its texts: header, length twice, ids, flags. */
const RECORD_BYTES = 84;

const METASTREAM = '$$';

export interface TwinStream {
  readonly events: readonly LoggedEvent[];
  readonly isTombstoned: boolean;
}

/** Which part of a stream is readable, by its newest metadata. */
export interface TwinVisibility {
  /** Revisions below it are gone. */
  readonly truncateBefore: bigint;
  /** Deleted, but not for good: the next append brings it back. */
  readonly isSoftDeleted: boolean;
}

const UNTOUCHED: TwinVisibility = { truncateBefore: 0n, isSoftDeleted: false };
const EMPTY: TwinStream = { events: [], isTombstoned: false };

export const metastreamOf = (stream: string): string => `${METASTREAM}${stream}`;

/** As the server does it: a deleted stream is one whose metadata truncate it before the greatest revision. */
const visibilityOf = (data: Uint8Array): TwinVisibility => {
  const before = /"\$tb"\s*:\s*(\d+)/.exec(Buffer.from(data).toString())?.[1];
  const truncateBefore = before === undefined ? 0n : BigInt(before);
  return { truncateBefore, isSoftDeleted: truncateBefore === TOMBSTONE_REVISION };
};

/** All events in order, in memory, with each stream's own. Written ones are shown to readers once `show` says that they are safe. */
export interface TwinLog {
  write(write: LoggedWrite): readonly LoggedEvent[];
  /** Shows what was written up to now to readers, and wakes those who wait. */
  show(upToIndex: number): void;
  /** Events that are written, shown or not. */
  readonly length: number;
  /** Events that readers see. */
  readonly shown: number;
  at(index: number): LoggedEvent | undefined;
  stream(name: string): TwinStream;
  visibility(stream: string): TwinVisibility;
  /** The index of the first event at or after a position, and whether a record begins exactly there. */
  find(position: bigint): { readonly index: number; readonly isExact: boolean };
  /** Where the next record will be written. */
  readonly end: bigint;
  onShown(wake: () => void): () => void;
}

export const createTwinLog = (): TwinLog => {
  const all: LoggedEvent[] = [];
  const streams = new Map<string, { events: LoggedEvent[]; isTombstoned: boolean }>();
  const visibilities = new Map<string, TwinVisibility>();
  const wakes = new Set<() => void>();
  let end = FIRST_POSITION;
  let shown = 0;

  const firstAtOrAfter = (position: bigint): number => {
    let low = 0;
    let high = all.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((all[middle]?.position ?? end) < position) low = middle + 1;
      else high = middle;
    }
    return low;
  };

  return {
    write({ stream, createdAtMs, isTombstone, events }) {
      const into = streams.get(stream) ?? { events: [], isTombstoned: false };
      streams.set(stream, into);
      const written = events.map((proposed) => {
        const revision = isTombstone ? TOMBSTONE_REVISION : BigInt(into.events.length);
        const event = { ...proposed, stream, revision, position: end, index: all.length, createdAtMs };
        all.push(event);
        if (!isTombstone) into.events.push(event);
        const texts = stream.length + proposed.type.length + proposed.data.length + proposed.customMetadata.length;
        end += BigInt(RECORD_BYTES + texts);
        return event;
      });
      into.isTombstoned ||= isTombstone;
      const newest = written.at(-1);
      if (newest !== undefined && stream.startsWith(METASTREAM))
        visibilities.set(stream.slice(METASTREAM.length), visibilityOf(newest.data));
      return written;
    },
    show(upToIndex) {
      shown = Math.max(shown, upToIndex);
      for (const wake of [...wakes]) wake();
    },
    get length() {
      return all.length;
    },
    get shown() {
      return shown;
    },
    get end() {
      return end;
    },
    at: (index) => all[index],
    stream: (name) => streams.get(name) ?? EMPTY,
    visibility: (stream) => visibilities.get(stream) ?? UNTOUCHED,
    find(position) {
      const index = firstAtOrAfter(position);
      return { index, isExact: position === 0n || (all[index]?.position ?? end) === position };
    },
    onShown(wake) {
      wakes.add(wake);
      return () => void wakes.delete(wake);
    },
  };
};
