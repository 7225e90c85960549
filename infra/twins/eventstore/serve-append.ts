import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { ServerReadableStream, sendUnaryData } from '@grpc/grpc-js';
import type { Expectation } from './decide-append.ts';
import type { FaultSwitch } from './fault-switch.ts';
import type { ProposedEvent } from './logged-event.ts';
import {
  handlerFailed,
  MAX_APPEND_BYTES,
  maxAppendSizeExceeded,
  missingProperty,
  type Refusal,
  streamDeleted,
} from './refusals.ts';
import type { TwinStore, WriteOutcome } from './twin-store.ts';
import { allPosition, empty, expectationOf, proposedEvent, streamNameOf } from './wire-events.ts';

/** Whether the client insists on the leader; ours plays one unless it is told not to. */
export const requiresLeader = ({
  metadata,
}: {
  readonly metadata: ServerReadableStream<unknown, unknown>['metadata'];
}) => metadata.get('requires-leader').includes('true');

const success = ({ last, revision }: Extract<WriteOutcome, { outcome: 'ok' }>) => {
  const answer = new streams.AppendResp.Success();
  if (revision < 0n) answer.setNoStream(empty());
  else answer.setCurrentRevision(String(revision));
  const at = last && allPosition(last);
  if (at === undefined) return answer.setNoPosition(empty());
  return answer.setPosition(
    new streams.AppendResp.Position()
      .setCommitPosition(at.getCommitPosition())
      .setPreparePosition(at.getPreparePosition()),
  );
};

const conflict = (expected: Expectation, current: bigint) => {
  const answer = new streams.AppendResp.WrongExpectedVersion();
  if (current < 0n) answer.setCurrentNoStream(empty());
  else answer.setCurrentRevision(String(current));
  if (expected === 'any') return answer.setExpectedAny(empty());
  if (expected === 'no_stream') return answer.setExpectedNoStream(empty());
  if (expected === 'stream_exists') return answer.setExpectedStreamExists(empty());
  return answer.setExpectedRevision(String(expected));
};

/** Serves one append of the unary path: a call that streams its events in and is answered once. */
export const serveAppend =
  (store: TwinStore, faults: FaultSwitch) =>
  (
    call: ServerReadableStream<streams.AppendReq, streams.AppendResp>,
    answer: sendUnaryData<streams.AppendResp>,
  ): void => {
    let options: streams.AppendReq.Options | undefined;
    let refused: Refusal | undefined;
    let bytes = 0;
    const events: ProposedEvent[] = [];

    const take = (message: streams.AppendReq) => {
      options ??= message.getOptions();
      const proposed = message.getProposedMessage();
      if (proposed === undefined) return;
      const event = proposedEvent(proposed);
      bytes += proposed.getData_asU8().length;
      if (bytes > MAX_APPEND_BYTES) refused ??= maxAppendSizeExceeded();
      else if (event === 'id') refused ??= handlerFailed();
      else if (typeof event === 'string') refused ??= missingProperty(event);
      else events.push(event);
    };

    const execute = async (): Promise<void> => {
      const treated = await faults.verdictOn('append', requiresLeader(call));
      if (treated.verdict === 'ignore') return;
      if (treated.verdict === 'refuse') return answer(treated.refusal);
      const stream = streamNameOf(options?.getStreamIdentifier());
      if (refused !== undefined) return answer(refused);
      if (options === undefined || stream === '') return answer(handlerFailed());
      const expected = expectationOf(options, options.getRevision());
      const written = await store.append(stream, expected, events);
      if (!faults.mayAnswerAppend() || treated.verdict === 'serve_unanswered') return;
      if (written.outcome === 'deleted') return answer(streamDeleted(stream));
      const response = new streams.AppendResp();
      if (written.outcome === 'ok') return answer(null, response.setSuccess(success(written)));
      return answer(null, response.setWrongExpectedVersion(conflict(expected, written.currentRevision)));
    };

    call.on('data', take);
    call.once('end', () => void execute().catch(() => answer(handlerFailed())));
  };
