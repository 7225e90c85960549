import { timingSafeEqual } from 'node:crypto';
import type { SessionState } from '../../domain/index.ts';
import type { Cache, Clock, KeyVault } from '../../ports/index.ts';
import { keyedTextHash } from '../../trust/index.ts';
import { readSnapshot, snapshotVersion, writeSnapshot } from './session-snapshot.ts';
import type { LoadedStream } from './stream-cache.ts';

/** Streams folded earlier, perhaps by another process, so that a process need not fold them from their first event. */
export interface WarmStreams<State> {
  /** A stream as it once stood; undefined where none is kept or what is kept cannot be trusted. Never throws. */
  read(stream: string): Promise<LoadedStream<State> | undefined>;
  /** Keeps a stream for others. Never throws for the cache; throws `store_unavailable` when the vault does not answer. */
  write(stream: string, loaded: LoadedStream<State>): Promise<void>;
}

export interface WarmSessionsPorts {
  readonly cache: Cache;
  readonly vault: KeyVault;
  readonly clock: Pick<Clock, 'monotonicMs'>;
}

/**
 * Folded sessions in the cache, each under a keyed hash with its session's own data key: whoever can write to the cache cannot make up a
 * state, put one session's in another's place or bring back that of an erased player. An entry may be old; the log's tail follows it.
 */
export function warmSessions({ cache, vault, clock }: WarmSessionsPorts): WarmStreams<SessionState> {
  const hash = (key: Buffer, stream: string, body: string) =>
    keyedTextHash(key, 'snapshot', [String(snapshotVersion), stream, body]);

  return {
    async read(stream) {
      const [version, keyId, mac, body] = linesOf(await cache.get(stream));
      if (version !== String(snapshotVersion) || keyId === undefined || mac === undefined) return undefined;
      // A vault that is down, or that never made the key a damaged entry names: the log has the session all the same.
      const dataKey = await vault.dataKey(keyId).catch(() => undefined);
      if (body === undefined || dataKey?.outcome !== 'ok') return undefined;
      if (!isSame(mac, hash(dataKey.key, stream, body))) return undefined;
      return readSnapshot(body, clock.monotonicMs());
    },
    async write(stream, loaded) {
      const { keyId } = loaded.state;
      const dataKey = await vault.dataKey(keyId);
      if (dataKey.outcome === 'erased') return;
      const body = writeSnapshot(loaded);
      await cache.put(stream, [snapshotVersion, keyId, hash(dataKey.key, stream, body), body].join('\n'));
    },
  };
}

/** The three lines before a body, which is one line: JSON has no break outside its strings, and none in them. */
const linesOf = (entry: string | undefined): readonly string[] => entry?.split('\n') ?? [];

const isSame = (one: string, other: string): boolean =>
  one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
