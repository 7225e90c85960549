import { limits } from '../contracts/index.ts';
import type { AppendRejection, EncodedEvent, ExpectedRevision } from '../ports/index.ts';

/** A canonical UUID in small letters: the only spelling that a store gives back as it was hashed. */
const canonicalUuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;

/** NUL, which PostgreSQL text cannot hold, and lone surrogates, which UTF-8 cannot. */
const unstorable = /[\0\p{Surrogate}]/u;

const isStorable = (text: string) => !unstorable.test(text);

const isStreamName = (stream: string) =>
  stream.length > 0 && stream.length <= limits.log.maxStreamNameChars && isStorable(stream);

const isRevision = (expected: ExpectedRevision) =>
  expected === 'no_stream' || (Number.isInteger(expected) && expected >= 0 && expected <= limits.log.maxRevision);

const isWellFormed = ({ eventId, type, data, metadata }: EncodedEvent) =>
  canonicalUuid.test(eventId) &&
  type.length > 0 &&
  isStorable(type) &&
  isStorable(data) &&
  Object.entries(metadata).every(([name, value]) => typeof value === 'string' && isStorable(name) && isStorable(value));

/** UTF-8 bytes of the data of an append. */
export const dataBytes = (events: readonly EncodedEvent[]) =>
  events.reduce((bytes, { data }) => bytes + Buffer.byteLength(data), 0);

/**
 * Why no log can ever take this append, undefined for one that it can. Looks at the append alone, before anything is sent: empty, more
 * than 100 events, more than 1 MiB of data; malformed is a stream name, id, type, expected revision or text that a store cannot keep.
 */
export function rejectionOf(
  stream: string,
  expected: ExpectedRevision,
  events: readonly EncodedEvent[],
): AppendRejection | undefined {
  if (events.length === 0) return 'empty';
  if (events.length > limits.log.maxEventsPerAppend) return 'too_many_events';
  if (dataBytes(events) > limits.log.maxAppendBytes) return 'too_large';
  return isStreamName(stream) && isRevision(expected) && events.every(isWellFormed) ? undefined : 'malformed';
}

/** The revision before an append's first event; -1 stands for a stream that does not exist. */
export const baseRevision = (expected: ExpectedRevision) => (expected === 'no_stream' ? -1 : expected);

/** The other way round, as outcomes carry it. */
export const asExpected = (head: number): ExpectedRevision => (head < 0 ? 'no_stream' : head);

/**
 * What an append to a stream that stands at `head` is: a write, the repetition of one that was written before, or a conflict. The rule
 * of EventStoreDB, measured on 23.10 and 24.6: the same ids in the same order at the same place repeat, whatever came later and whatever
 * their data says now; more ids than are there, or another order, conflict; ids are compared at that place only.
 */
export function judgeAppend(
  base: number,
  events: readonly EncodedEvent[],
  head: number,
  idAt: (revision: number) => string | undefined,
): 'write' | 'repeated' | 'conflict' {
  if (base === head) return 'write';
  const isRepetition = base < head && events.every(({ eventId }, index) => idAt(base + 1 + index) === eventId);
  return isRepetition ? 'repeated' : 'conflict';
}
