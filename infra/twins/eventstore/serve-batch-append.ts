import code from '@eventstore/db-client/generated/code_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import status from '@eventstore/db-client/generated/status_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { ServerDuplexStream } from '@grpc/grpc-js';
import any from 'google-protobuf/google/protobuf/any_pb.js';
import google from 'google-protobuf/google/protobuf/empty_pb.js';
import type { Expectation } from './decide-append.ts';
import type { FaultSwitch } from './fault-switch.ts';
import type { ProposedEvent } from './logged-event.ts';
import { MAX_APPEND_BYTES } from './refusals.ts';
import { requiresLeader } from './serve-append.ts';
import type { TwinStore, WriteOutcome } from './twin-store.ts';
import { allPosition, expectationOf, proposedEvent, streamIdentifier, streamNameOf, uuidText } from './wire-events.ts';

type BatchCall = ServerDuplexStream<streams.BatchAppendReq, streams.BatchAppendResp>;

interface PendingAppend {
  readonly stream: string;
  readonly expected: Expectation;
  readonly events: ProposedEvent[];
  bytes: number;
}

interface Detail {
  serializeBinary(): Uint8Array;
}

const failure = (of: code.Code, message: string, name: string, detail: Detail): status.Status => {
  const details = new any.Any();
  details.pack(detail.serializeBinary(), `event_store.client.${name}`);
  return new status.Status().setCode(of).setMessage(message).setDetails(details);
};

const tooLarge = () =>
  failure(
    code.Code.INVALID_ARGUMENT,
    `Maximum Append Size of ${MAX_APPEND_BYTES} Exceeded.`,
    'MaximumAppendSizeExceeded',
    new shared.MaximumAppendSizeExceeded().setMaxappendsize(MAX_APPEND_BYTES),
  );

const badRequest = (message: string) =>
  failure(code.Code.INVALID_ARGUMENT, 'Bad Request', 'BadRequest', new shared.BadRequest().setMessage(message));

const deleted = (stream: string) =>
  failure(
    code.Code.FAILED_PRECONDITION,
    'Stream Deleted',
    'StreamDeleted',
    new shared.StreamDeleted().setStreamIdentifier(streamIdentifier(stream)),
  );

const conflict = (expected: Expectation, current: bigint) => {
  const detail = new shared.WrongExpectedVersion();
  if (current < 0n) detail.setCurrentNoStream(new google.Empty());
  else detail.setCurrentStreamRevision(String(current));
  if (expected === 'any') detail.setExpectedAny(new google.Empty());
  else if (expected === 'no_stream') detail.setExpectedNoStream(new google.Empty());
  else if (expected === 'stream_exists') detail.setExpectedStreamExists(new google.Empty());
  else detail.setExpectedStreamPosition(String(expected));
  return failure(code.Code.FAILED_PRECONDITION, 'Wrong Expected Version', 'WrongExpectedVersion', detail);
};

const success = ({ last, revision }: Extract<WriteOutcome, { outcome: 'ok' }>) => {
  const answer = new streams.BatchAppendResp.Success();
  if (revision < 0n) answer.setNoStream(new google.Empty());
  else answer.setCurrentRevision(String(revision));
  return last === undefined ? answer.setNoPosition(new google.Empty()) : answer.setPosition(allPosition(last));
};

/** On this path the server counts types and metadata too, as they stand on its disk (UTF-16 for the type). */
const bytesOf = ({ type, data, customMetadata }: ProposedEvent): number =>
  2 * type.length + data.length + customMetadata.length;

/** Serves the batch path: one long call over which all appends of a client go, each answered by its correlation id. */
export const serveBatchAppend =
  (store: TwinStore, faults: FaultSwitch, adopt: (call: BatchCall) => void) =>
  (call: BatchCall): void => {
    const pending = new Map<string, PendingAppend>();
    const isOver = () => call.cancelled || call.destroyed || call.writableEnded;
    adopt(call);

    const execute = async (append: PendingAppend, about: streams.BatchAppendResp): Promise<void> => {
      const treated = await faults.verdictOn('append', requiresLeader(call));
      if (treated.verdict === 'ignore' || isOver()) return;
      if (treated.verdict === 'refuse') return void call.emit('error', treated.refusal);
      const written = await store.append(append.stream, append.expected, append.events);
      if (!faults.mayAnswerAppend() || treated.verdict === 'serve_unanswered' || isOver()) return;
      if (written.outcome === 'ok') about.setSuccess(success(written));
      else if (written.outcome === 'deleted') about.setError(deleted(append.stream));
      else about.setError(conflict(append.expected, written.currentRevision));
      call.write(about);
    };

    const take = (message: streams.BatchAppendReq) => {
      const id = uuidText(message.getCorrelationId()) ?? '';
      const options = message.getOptions();
      if (options !== undefined) {
        const stream = streamNameOf(options.getStreamIdentifier());
        const expected = expectationOf(options, options.getStreamPosition());
        pending.set(id, { stream, expected, events: [], bytes: 0 });
      }
      const append = pending.get(id);
      if (append === undefined) return;
      const about = new streams.BatchAppendResp()
        .setCorrelationId(message.getCorrelationId())
        .setStreamIdentifier(streamIdentifier(append.stream));
      const refuse = (error: status.Status) => {
        pending.delete(id);
        call.write(about.setError(error));
      };
      if (append.stream === '') return refuse(badRequest('a stream needs a name'));
      for (const proposed of message.getProposedMessagesList()) {
        const event = proposedEvent(proposed);
        if (typeof event === 'string') return refuse(badRequest(`the ${event} of an event is missing or malformed`));
        append.bytes += bytesOf(event);
        append.events.push(event);
      }
      if (append.bytes > MAX_APPEND_BYTES) return refuse(tooLarge());
      if (!message.getIsFinal()) return;
      pending.delete(id);
      void execute(append, about).catch((error: unknown) => call.emit('error', error));
    };

    call.on('data', take);
    call.once('end', () => call.end());
    call.on('error', () => pending.clear());
  };
