import { Metadata, type StatusObject, status } from '@grpc/grpc-js';

/** A call's error as the server sends it: a code, and trailers by which the client tells what it is. */
export type Refusal = Pick<StatusObject, 'code' | 'details' | 'metadata'>;

const refusal = (code: status, details: string, trailers: Readonly<Record<string, string>> = {}): Refusal => {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(trailers)) metadata.set(name, value);
  return { code, details, metadata };
};

/** More data in one append than the server takes, bytes. */
export const MAX_APPEND_BYTES = 1_048_576;

export const maxAppendSizeExceeded = (): Refusal =>
  refusal(status.INVALID_ARGUMENT, `Maximum Append Size of ${MAX_APPEND_BYTES} Exceeded.`, {
    exception: 'maximum-append-size-exceeded',
    'maximum-append-size': String(MAX_APPEND_BYTES),
  });

export const missingProperty = (name: string): Refusal =>
  refusal(status.INVALID_ARGUMENT, `Required Metadata Property '${name}' is missing`, {
    exception: 'missing-required-metadata-property',
    'required-metadata-properties': 'type,content-type',
  });

export const streamDeleted = (stream: string): Refusal =>
  refusal(status.FAILED_PRECONDITION, `Event stream '${stream}' is deleted.`, {
    exception: 'stream-deleted',
    'stream-name': stream,
  });

/** How a deletion says that the stream stands elsewhere; an append says it in its answer. */
export const wrongExpectedVersion = (stream: string, expected: bigint, current: bigint): Refusal =>
  refusal(
    status.FAILED_PRECONDITION,
    `Delete failed due to WrongExpectedVersion. Stream: ${stream}, Expected version: ${expected}, Actual version: ${current}`,
    {
      exception: 'wrong-expected-version',
      'stream-name': stream,
      'expected-version': String(expected),
      'actual-version': String(current),
    },
  );

export const notLeader = (host: string, port: number): Refusal =>
  refusal(status.NOT_FOUND, 'Leader info available', {
    exception: 'not-leader',
    'leader-endpoint-host': host,
    'leader-endpoint-port': String(port),
  });

export const unavailable = (): Refusal => refusal(status.UNAVAILABLE, 'Server Is Not Ready');

/** What a subscription hears that reads too slowly for the server's buffer. */
export const consumerTooSlow = (): Refusal => refusal(status.ABORTED, 'Operation timed out: Consumer too slow');

export const invalidPosition = (position: bigint): Refusal =>
  refusal(status.UNKNOWN, `Unexpected ReadAllResult: no record begins at ${position}`);

/** What any exception inside the server looks like from outside. */
export const handlerFailed = (): Refusal => refusal(status.UNKNOWN, 'Exception was thrown by handler.');
