import {
  type AllStreamResolvedEvent,
  binaryEvent,
  type EventData,
  jsonEvent,
  type ResolvedEvent,
} from '@eventstore/db-client';
import type { EncodedEvent, RecordedEvent, StoredEvent } from '../../ports/index.ts';
import { canonicalJson } from '../../trust/index.ts';
import type { StreamPrefix } from './stream-prefix.ts';

/** What the client gives for an event, whatever was read. */
type ReadEvent = NonNullable<ResolvedEvent['event']>;

/** The object that a text is the canonical JSON of; undefined when there is none. */
function canonicalObject(text: string): Record<string, unknown> | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const value: Record<string, unknown> = JSON.parse(text);
    return canonicalJson(value) === text ? value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * An event as the client takes it. The client has no way to hand over JSON text: it stringifies what it is given and parses what it reads,
 * which loses the order of keys, spaces, large numbers and more, and with them the hash chain. So text goes as `application/json`, which
 * projections and the store's own pages can read, only where it comes back by making the parsed value canonical again (RFC 8785); all
 * data of ours is such text. Any other goes as its UTF-8 bytes, `application/octet-stream`. Nothing needs refusing, and either
 * way the reader gets the same bytes: the content type says which way an event went. Costs one parse and one canonical text an event.
 */
export function encodeEvent({ eventId, type, data, metadata }: EncodedEvent): EventData {
  const value = canonicalObject(data);
  return value === undefined
    ? binaryEvent({ id: eventId, type, data: Buffer.from(data, 'utf8'), metadata })
    : jsonEvent({ id: eventId, type, data: value, metadata });
}

/**
 * The text of an event. Anybody with access may have written it, and one that threw here would be read again for ever: what is too deep to
 * be written out again (some 7,000 levels, where our requests have 16) has none, and is then refused as no JSON.
 */
function textOf(event: ReadEvent): string {
  if (!event.isJson) return Buffer.from(event.data).toString('utf8');
  try {
    return canonicalJson(event.data);
  } catch {
    return '';
  }
}

/** Flat strings, as the port promises; the client gives bytes, or any JSON, for what is something else. */
function metadataOf({ metadata }: ReadEvent): StoredEvent['metadata'] {
  const isNone = typeof metadata !== 'object' || metadata === null;
  if (isNone || Array.isArray(metadata) || ArrayBuffer.isView(metadata)) return {};
  const isText = (entry: [string, unknown]): entry is [string, string] => typeof entry[1] === 'string';
  return Object.fromEntries(Object.entries<unknown>(metadata).filter(isText));
}

/** An event of a stream, its name as the port knows it. */
export const storedEvent = (event: ReadEvent, prefix: StreamPrefix): StoredEvent => ({
  stream: prefix.takeOff(event.streamId),
  revision: Number(event.revision),
  eventId: event.id,
  type: event.type,
  data: textOf(event),
  metadata: metadataOf(event),
});

/** An event of `$all`: its commit position is its place in the whole log, and the server's clock stamped it. */
export const recordedEvent = (event: ReadEvent, position: bigint, prefix: StreamPrefix): RecordedEvent => ({
  ...storedEvent(event, prefix),
  position,
  loggedAtMs: event.created.getTime(),
});

/** Where an event read from `$all` stands; undefined from a server before 22.6 that does not say. */
export const positionOf = ({ event, commitPosition }: AllStreamResolvedEvent): bigint | undefined =>
  event?.position?.commit ?? commitPosition;
