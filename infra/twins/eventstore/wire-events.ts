import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { Expectation } from './decide-append.ts';
import type { LoggedEvent, ProposedEvent } from './logged-event.ts';

const TICKS_PER_MS = 10_000n;
/** -1 as the server's unsigned numbers have it: an event that is read from its stream says nothing of its place in the log. */
const NO_POSITION = '18446744073709551615';

export const empty = (): shared.Empty => new shared.Empty();

export const streamIdentifier = (name: string): shared.StreamIdentifier =>
  new shared.StreamIdentifier().setStreamName(Buffer.from(name));

export const streamNameOf = (identifier: shared.StreamIdentifier | undefined): string =>
  Buffer.from(identifier?.getStreamName_asU8() ?? []).toString();

export const uuid = (id: string): shared.UUID => new shared.UUID().setString(id);

const UUID_PATTERN = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

const bits = (text: string): string => BigInt.asUintN(64, BigInt(text)).toString(16).padStart(16, '0');

/** An id however it is sent, in small letters; undefined when it is none, at which the server fails. */
export const uuidText = (sent: shared.UUID | undefined): string | undefined => {
  const structured = sent?.getStructured();
  const halves = structured && bits(structured.getMostSignificantBits()) + bits(structured.getLeastSignificantBits());
  const text = halves?.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5') ?? sent?.getString() ?? '';
  return UUID_PATTERN.test(text) ? text.toLowerCase() : undefined;
};

/** What the unary and the batched append have in common, though each has its own message. */
type ProposedMessage = streams.AppendReq.ProposedMessage | streams.BatchAppendReq.ProposedMessage;

/** Reads a proposed event, or names what it lacks. */
export const proposedEvent = (message: ProposedMessage): ProposedEvent | 'type' | 'content-type' | 'id' => {
  const metadata = message.getMetadataMap();
  const type = metadata.get('type');
  const contentType = metadata.get('content-type');
  const id = uuidText(message.getId());
  if (type === undefined) return 'type';
  if (contentType === undefined) return 'content-type';
  if (id === undefined) return 'id';
  return { id, type, contentType, data: message.getData_asU8(), customMetadata: message.getCustomMetadata_asU8() };
};

interface ExpectationFields {
  hasAny(): boolean;
  hasNoStream(): boolean;
  hasStreamExists(): boolean;
}

/** Reads the expectation of any request; the number is what the request has for a revision. */
export const expectationOf = (fields: ExpectationFields, revision: string): Expectation => {
  if (fields.hasAny()) return 'any';
  if (fields.hasNoStream()) return 'no_stream';
  return fields.hasStreamExists() ? 'stream_exists' : BigInt(revision);
};

export const allPosition = ({ position }: LoggedEvent): shared.AllStreamPosition =>
  new shared.AllStreamPosition().setCommitPosition(String(position)).setPreparePosition(String(position));

/** An event as a read shows it: of `$all` with its position, of a stream without. */
export const readEvent = (event: LoggedEvent, isOfAll: boolean): streams.ReadResp => {
  const position = isOfAll ? String(event.position) : NO_POSITION;
  const recorded = new streams.ReadResp.ReadEvent.RecordedEvent()
    .setId(uuid(event.id))
    .setStreamIdentifier(streamIdentifier(event.stream))
    .setStreamRevision(String(event.revision))
    .setCommitPosition(position)
    .setPreparePosition(position)
    .setData(event.data)
    .setCustomMetadata(event.customMetadata);
  recorded
    .getMetadataMap()
    .set('type', event.type)
    .set('content-type', event.contentType)
    .set('created', String(BigInt(event.createdAtMs) * TICKS_PER_MS));
  const read = new streams.ReadResp.ReadEvent().setEvent(recorded);
  if (isOfAll) read.setCommitPosition(position);
  else read.setNoPosition(empty());
  return new streams.ReadResp().setEvent(read);
};
