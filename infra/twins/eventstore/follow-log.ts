import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { FaultSwitch } from './fault-switch.ts';
import type { LoggedEvent } from './logged-event.ts';
import type { ReadRequest } from './read-request.ts';
import { isOver, keptResponses, type ReadCall, send } from './read-responses.ts';
import type { TwinLog } from './twin-log.ts';
import { readEvent } from './wire-events.ts';

const checkpointAt = ({ position }: LoggedEvent) =>
  new streams.ReadResp().setCheckpoint(
    new streams.ReadResp.Checkpoint().setCommitPosition(String(position)).setPreparePosition(String(position)),
  );

/** The index in the log from which a subscription is served: behind what the client has, or behind everything. */
const firstIndex = (log: TwinLog, request: ReadRequest): number => {
  if (request.from === 'end') return log.shown;
  if (request.from === 'start') return 0;
  if (request.of === 'stream') return 0;
  const { index } = log.find(request.from);
  return log.at(index)?.position === request.from ? index + 1 : index;
};

const isWanted = (request: ReadRequest, event: LoggedEvent): boolean => {
  if (request.of === 'all') return request.filter?.matches(event) ?? true;
  if (event.stream !== request.stream) return false;
  return typeof request.from !== 'bigint' || event.revision > request.from;
};

/** Serves subscriptions: what stands, `caughtUp` once, then what comes, as fast as each client reads; until its call is over. */
export const followLog = (log: TwinLog, faults: FaultSwitch, adopt: (call: ReadCall) => void) => {
  const shared = keptResponses();

  return async (call: ReadCall, request: ReadRequest): Promise<void> => {
    const isOfAll = request.of === 'all';
    const checkpointEvents = request.of === 'all' ? request.filter?.checkpointEvents : undefined;
    const isSilent = () => faults.lasting('read')?.kind === 'silent';
    let wake: () => void = () => undefined;
    const stops = [log.onShown(() => wake()), faults.onChange(() => wake())];
    for (const end of ['cancelled', 'close', 'finish']) call.once(end, () => wake());
    const confirmation = new streams.ReadResp.SubscriptionConfirmation().setSubscriptionId(randomUUID());
    await send(call, new streams.ReadResp().setConfirmation(confirmation));
    adopt(call);

    let index = firstIndex(log, request);
    let isLive = false;
    let looked = 0;
    while (!isOver(call)) {
      const event = index < log.shown && !isSilent() ? log.at(index) : undefined;
      if (event !== undefined) {
        index += 1;
        looked += 1;
        const response = isWanted(request, event) && (isOfAll ? shared(event) : readEvent(event, false));
        if (response && !(await send(call, response))) break;
        if (looked === checkpointEvents) {
          looked = 0;
          if (!(await send(call, checkpointAt(event)))) break;
        }
      } else if (!isLive && index >= log.shown && !isSilent()) {
        isLive = true;
        await send(call, new streams.ReadResp().setCaughtUp(new streams.ReadResp.CaughtUp()));
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        const rules = faults.lasting('read');
        if (rules?.kind === 'slow') await delay(rules.delayMs, undefined, { ref: false });
      }
    }
    for (const stop of stops) stop();
  };
};
