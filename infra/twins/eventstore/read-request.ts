import type streams from '@eventstore/db-client/generated/streams_pb.js';
import type { LoggedEvent } from './logged-event.ts';
import { streamNameOf } from './wire-events.ts';

/** Where a read of a stream begins. */
export type FromRevision = 'start' | 'end' | bigint;
/** Where a read of the whole log begins. */
export type FromPosition = 'start' | 'end' | bigint;

export interface ReadFilter {
  matches(event: LoggedEvent): boolean;
  /** Events looked at, matching or not, from one checkpoint to the next. */
  readonly checkpointEvents: number;
}

/** What a read asks for. */
export type ReadRequest = {
  readonly isBackwards: boolean;
  /** Undefined for a subscription: it ends when the client does. */
  readonly maxCount: number | undefined;
} & (
  | { readonly of: 'stream'; readonly stream: string; readonly from: FromRevision }
  | { readonly of: 'all'; readonly from: FromPosition; readonly filter: ReadFilter | undefined }
);

/** The server looks at pages of so many events when the client names no window. */
const DEFAULT_WINDOW_EVENTS = 32;

const filterOf = (options: streams.ReadReq.Options.FilterOptions): ReadFilter => {
  const byType = options.getEventType();
  const expression = byType ?? options.getStreamIdentifier();
  const prefixes = expression?.getPrefixList() ?? [];
  const pattern = new RegExp(expression?.getRegex() ?? '');
  const window = options.hasMax() ? options.getMax() : DEFAULT_WINDOW_EVENTS;
  return {
    checkpointEvents: window * Math.max(1, options.getCheckpointintervalmultiplier()),
    matches(event) {
      const subject = byType === undefined ? event.stream : event.type;
      return prefixes.length > 0 ? prefixes.some((prefix) => subject.startsWith(prefix)) : pattern.test(subject);
    },
  };
};

export type AllRequest = Extract<ReadRequest, { of: 'all' }>;
export type StreamRequest = Extract<ReadRequest, { of: 'stream' }>;

/** Reads what the client asked; undefined when it asked for nothing. */
export const readRequest = (request: streams.ReadReq): ReadRequest | undefined => {
  const options = request.getOptions();
  const stream = options?.getStream();
  const all = options?.getAll();
  if (options === undefined) return undefined;
  const isBackwards = options.getReadDirection() === 1;
  const maxCount = options.hasSubscription() ? undefined : Number(options.getCount());
  if (stream !== undefined) {
    const from = stream.hasRevision() ? BigInt(stream.getRevision()) : stream.hasEnd() ? 'end' : 'start';
    return { of: 'stream', stream: streamNameOf(stream.getStreamIdentifier()), from, isBackwards, maxCount };
  }
  if (all === undefined) return undefined;
  const position = all.getPosition();
  const from = position !== undefined ? BigInt(position.getCommitPosition()) : all.hasEnd() ? 'end' : 'start';
  const filter = options.getFilter();
  return { of: 'all', from, filter: filter && filterOf(filter), isBackwards, maxCount };
};
