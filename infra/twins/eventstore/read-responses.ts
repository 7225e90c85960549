import type streams from '@eventstore/db-client/generated/streams_pb.js';
import type { ServerWritableStream } from '@grpc/grpc-js';
import type { LoggedEvent } from './logged-event.ts';
import { readEvent } from './wire-events.ts';

export type ReadCall = ServerWritableStream<streams.ReadReq, streams.ReadResp>;

export const isOver = (call: ReadCall): boolean => call.cancelled || call.destroyed || call.writableEnded;

const drained = (call: ReadCall): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      call.off('drain', done).off('cancelled', done).off('close', done);
      resolve();
    };
    call.once('drain', done).once('cancelled', done).once('close', done);
  });

/** Writes as fast as the client reads; false once the call is over. */
export const send = async (call: ReadCall, message: streams.ReadResp): Promise<boolean> => {
  if (isOver(call)) return false;
  if (call.write(message)) return true;
  await drained(call);
  return !isOver(call);
};

/** So many newest events are kept as they are sent: five projectors that follow the log shall not cost five times. */
const MAX_KEPT_RESPONSES = 256;

/** Makes responses of `$all` once for all who follow it. */
export const keptResponses = () => {
  const kept = new Map<number, streams.ReadResp>();
  return (event: LoggedEvent): streams.ReadResp => {
    const known = kept.get(event.index);
    if (known !== undefined) return known;
    const response = readEvent(event, true);
    kept.set(event.index, response);
    const oldest = kept.size > MAX_KEPT_RESPONSES ? kept.keys().next().value : undefined;
    if (oldest !== undefined) kept.delete(oldest);
    return response;
  };
};

/** Serializes a response that is sent to several once; the bytes live as long as the response is kept. */
export const serializeOnce = (serialize: (response: streams.ReadResp) => Buffer) => {
  const known = new WeakMap<streams.ReadResp, Buffer>();
  return (response: streams.ReadResp): Buffer => {
    const bytes = known.get(response) ?? serialize(response);
    known.set(response, bytes);
    return bytes;
  };
};
