import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { ServerUnaryCall, sendUnaryData } from '@grpc/grpc-js';
import type { Expectation } from './decide-append.ts';
import type { FaultSwitch } from './fault-switch.ts';
import { handlerFailed, streamDeleted, wrongExpectedVersion } from './refusals.ts';
import { requiresLeader } from './serve-append.ts';
import type { TwinStore, WriteOutcome } from './twin-store.ts';
import { allPosition, expectationOf, streamNameOf } from './wire-events.ts';

type Call<Request, Response> = (call: ServerUnaryCall<Request, Response>, answer: sendUnaryData<Response>) => void;

/** The numbers by which the server writes expectations that are no revision. */
const numberOf = (expected: Expectation): bigint => {
  if (expected === 'no_stream') return -1n;
  if (expected === 'any') return -2n;
  return expected === 'stream_exists' ? -4n : expected;
};

const serveRemoval = <Request extends streams.DeleteReq | streams.TombstoneReq, Response>(
  faults: FaultSwitch,
  remove: (stream: string, expected: Expectation) => Promise<WriteOutcome>,
  respond: (commit: string, prepare: string) => Response,
): Call<Request, Response> => {
  const execute = async (call: ServerUnaryCall<Request, Response>, answer: sendUnaryData<Response>): Promise<void> => {
    const treated = await faults.verdictOn('append', requiresLeader(call));
    if (treated.verdict === 'ignore') return;
    if (treated.verdict === 'refuse') return answer(treated.refusal);
    const options = call.request.getOptions();
    const stream = streamNameOf(options?.getStreamIdentifier());
    if (options === undefined || stream === '') return answer(handlerFailed());
    const expected = expectationOf(options, options.getRevision());
    const removed = await remove(stream, expected);
    if (treated.verdict === 'serve_unanswered') return;
    if (removed.outcome === 'deleted') return answer(streamDeleted(stream));
    if (removed.outcome === 'conflict')
      return answer(wrongExpectedVersion(stream, numberOf(expected), removed.currentRevision));
    const at = removed.last && allPosition(removed.last);
    return answer(null, respond(at?.getCommitPosition() ?? '0', at?.getPreparePosition() ?? '0'));
  };
  return (call, answer) => void execute(call, answer).catch(() => answer(handlerFailed()));
};

export const serveDelete = (store: TwinStore, faults: FaultSwitch) =>
  serveRemoval<streams.DeleteReq, streams.DeleteResp>(faults, store.softDelete, (commit, prepare) =>
    new streams.DeleteResp().setPosition(
      new streams.DeleteResp.Position().setCommitPosition(commit).setPreparePosition(prepare),
    ),
  );

export const serveTombstone = (store: TwinStore, faults: FaultSwitch) =>
  serveRemoval<streams.TombstoneReq, streams.TombstoneResp>(faults, store.tombstone, (commit, prepare) =>
    new streams.TombstoneResp().setPosition(
      new streams.TombstoneResp.Position().setCommitPosition(commit).setPreparePosition(prepare),
    ),
  );
