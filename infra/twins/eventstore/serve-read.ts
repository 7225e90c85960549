import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { FaultSwitch } from './fault-switch.ts';
import { followLog } from './follow-log.ts';
import { eventsOfAll, eventsOfStream } from './read-events.ts';
import { type ReadRequest, readRequest, type StreamRequest } from './read-request.ts';
import { type ReadCall, send } from './read-responses.ts';
import { handlerFailed, invalidPosition, streamDeleted } from './refusals.ts';
import { requiresLeader } from './serve-append.ts';
import type { TwinLog } from './twin-log.ts';
import { readEvent, streamIdentifier } from './wire-events.ts';

/** Reads that end and subscriptions that do not, of a stream or of the whole log. */
export const serveRead = (log: TwinLog, faults: FaultSwitch, adopt: (call: ReadCall) => void) => {
  const follow = followLog(log, faults, adopt);

  const serveOnce = async (call: ReadCall, request: ReadRequest): Promise<void> => {
    const isOfAll = request.of === 'all';
    let left = request.maxCount ?? 0;
    for (const event of isOfAll ? eventsOfAll(log, request) : eventsOfStream(log, request)) {
      if (left-- <= 0) break;
      if (!(await send(call, readEvent(event, isOfAll)))) return;
    }
    call.end();
  };

  const isMissing = ({ stream }: StreamRequest): boolean =>
    log.visibility(stream).isSoftDeleted || log.stream(stream).events.every(({ index }) => index >= log.shown);

  const serve = async (call: ReadCall): Promise<void> => {
    const treated = await faults.verdictOn('read', requiresLeader(call));
    if (treated.verdict === 'ignore' || treated.verdict === 'serve_unanswered') return;
    if (treated.verdict === 'refuse') return void call.emit('error', treated.refusal);
    const request = readRequest(call.request);
    if (request === undefined) return void call.emit('error', handlerFailed());
    if (request.of === 'stream') {
      const { stream } = request;
      if (log.stream(stream).isTombstoned) return void call.emit('error', streamDeleted(stream));
      if (request.maxCount !== undefined && isMissing(request)) {
        const missing = new streams.ReadResp.StreamNotFound().setStreamIdentifier(streamIdentifier(stream));
        call.write(new streams.ReadResp().setStreamNotFound(missing));
        return void call.end();
      }
    } else if (typeof request.from === 'bigint' && request.from < log.end && !log.find(request.from).isExact)
      return void call.emit('error', invalidPosition(request.from));
    await (request.maxCount === undefined ? follow(call, request) : serveOnce(call, request));
  };

  return (call: ReadCall): void => {
    void serve(call).catch((error: unknown) => call.emit('error', error));
  };
};
