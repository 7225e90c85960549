import { LRUCache } from 'lru-cache';
import { limits } from '../../contracts/index.ts';
import type { StoredEvent } from '../../ports/index.ts';
import { zeroHash } from '../../trust/index.ts';

/** A stream as this process knows it: folded state, hash of its newest event, and its newest events themselves. */
export interface LoadedStream<State> {
  readonly state: State;
  readonly revision: number;
  readonly headHash: string;
  /** The newest events, in order, bounded by limits.aggregate.recentBytesPerStream. */
  readonly recent: readonly StoredEvent[];
  readonly recentBytes: number;
  /** Monotonic time of the last look at the log. */
  readonly checkedAtMs: number;
}

/** What an event costs in memory, roughly: its text and what JavaScript keeps around it. */
const eventBytes = (event: StoredEvent) => event.data.length + 700;

/** A rough size of a folded state per event folded in, for the cache's bound: about 150 bytes a turn of three events. */
const USUAL_STATE_BYTES_PER_EVENT = 64;

export const emptyStream = <State>(initial: State, nowMs: number): LoadedStream<State> => ({
  state: initial,
  revision: -1,
  headHash: zeroHash,
  recent: [],
  recentBytes: 0,
  checkedAtMs: nowMs,
});

/** The stream after further events; the oldest kept events go when the bound is reached. */
export function advance<State>(
  loaded: LoadedStream<State>,
  events: readonly StoredEvent[],
  fold: (state: State, event: StoredEvent) => State,
  nowMs: number,
): LoadedStream<State> {
  const last = events.at(-1);
  if (!last) return { ...loaded, checkedAtMs: nowMs };
  const recent = [...loaded.recent, ...events];
  let recentBytes = events.reduce((sum, event) => sum + eventBytes(event), loaded.recentBytes);
  let dropped = 0;
  for (const event of recent) {
    if (recentBytes <= limits.aggregate.recentBytesPerStream) break;
    recentBytes -= eventBytes(event);
    dropped += 1;
  }
  return {
    state: events.reduce(fold, loaded.state),
    revision: last.revision,
    headHash: last.metadata.hash ?? zeroHash,
    recent: dropped > 0 ? recent.slice(dropped) : recent,
    recentBytes,
    checkedAtMs: nowMs,
  };
}

/** Loaded streams, bounded by limits.aggregate.cachedBytes; losing one costs a read. */
export const streamCache = <State>(stateBytesPerEvent = USUAL_STATE_BYTES_PER_EVENT) =>
  new LRUCache<string, LoadedStream<State>>({
    maxSize: limits.aggregate.cachedBytes,
    sizeCalculation: (loaded) => 512 + loaded.recentBytes + (loaded.revision + 1) * stateBytesPerEvent,
  });
