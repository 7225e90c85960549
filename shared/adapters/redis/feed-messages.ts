import { limits } from '../../contracts/index.ts';
import type { FeedMessage } from '../../ports/index.ts';

/** Of the ending, after which no feed has anything; see FeedMessage. */
export const endingId = 1_000_000_000;

const kinds: ReadonlySet<string> = new Set(['started', 'delta', 'ended']);
const isKind = (kind: unknown): kind is FeedMessage['kind'] => typeof kind === 'string' && kinds.has(kind);

/** Where a turn's messages are. */
export const feedKey = (prefix: string, turnId: string): string => `${prefix}feed:${turnId}`;

/** An entry of a stream as XREAD and XRANGE answer it: its id, then names and values in turn. */
type Entry = readonly [id: string, fields: readonly string[]];

/** The messages of a stream's entries; what is none of ours is left out, as a lost message would be. */
export const readEntries = (entries: readonly Entry[]): readonly FeedMessage[] =>
  entries.flatMap(([streamId, [, kind, , payload]]) => {
    const id = Number.parseInt(streamId, 10);
    return isKind(kind) && payload !== undefined && Number.isSafeInteger(id) ? [{ id, kind, payload }] : [];
  });

/** What XREAD is asked: news of turns, each after an id, and of the reader's own stream after its version. */
export function readArguments(
  prefix: string,
  wanted: ReadonlyMap<string, number>,
  wake: { readonly key: string; readonly version: number },
): readonly (string | number)[] {
  const { blockMs, maxReadMessages } = limits.redis;
  const keys = [wake.key];
  const ids = [`${wake.version}-0`];
  for (const [turnId, after] of wanted) {
    keys.push(feedKey(prefix, turnId));
    ids.push(`${after}-0`);
  }
  return ['COUNT', maxReadMessages, 'BLOCK', blockMs, 'STREAMS', ...keys, ...ids];
}

/** What XREAD answered, by key; nothing within its time is null. */
export type ReadAnswer = readonly (readonly [key: string, entries: readonly Entry[]])[] | null;

export type RangeAnswer = readonly Entry[];
