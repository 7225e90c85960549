import { createHash } from 'node:crypto';
import { lengthPrefixed } from './length-prefixed.ts';

/** The prevHash of a stream's first event. */
export const zeroHash = '0'.repeat(64);

/** What the hash of an event covers, besides its metadata. */
export interface ChainedEvent {
  readonly stream: string;
  readonly revision: number;
  readonly eventId: string;
  readonly type: string;
  /** The stored JSON text, byte for byte. */
  readonly data: string;
  readonly metadata: { readonly [name: string]: string };
}

/**
 * The hash of an event, hexadecimal: SHA-256 over `turnledger-event-1\0` and then, each with its length before it (see length-prefixed):
 * stream, revision in decimal, eventId, type, prevHash in hexadecimal, the 32 bytes of SHA-256 of the data's UTF-8, and the names and
 * values of the other metadata in the order of their names (by UTF-16 code unit), `hash` and `prevHash` left out.
 */
export function eventHash(event: ChainedEvent, prevHash: string): string {
  const { stream, revision, eventId, type, data, metadata } = event;
  const dataHash = createHash('sha256').update(data, 'utf8').digest();
  const parts: (string | Buffer)[] = [stream, String(revision), eventId, type, prevHash, dataHash];
  for (const name of Object.keys(metadata).sort()) {
    const value = metadata[name];
    if (value !== undefined && name !== 'hash' && name !== 'prevHash') parts.push(name, value);
  }
  return createHash('sha256').update('turnledger-event-1\0').update(lengthPrefixed(parts)).digest('hex');
}

/** Where a stream's chain breaks: the first revision whose recorded hash or link is not what its bytes give; undefined when it holds. */
export function firstBrokenLink(events: Iterable<ChainedEvent>, prevHash: string = zeroHash): number | undefined {
  let expected = prevHash;
  for (const event of events) {
    const hash = eventHash(event, expected);
    if (event.metadata.prevHash !== expected || event.metadata.hash !== hash) return event.revision;
    expected = hash;
  }
  return undefined;
}
