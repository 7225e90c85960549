import type { LoggedEvent } from './logged-event.ts';
import type { AllRequest, StreamRequest } from './read-request.ts';
import type { TwinLog } from './twin-log.ts';

/** What a read of a stream finds: without what is truncated, and what is not on the disk yet. */
export function* eventsOfStream(log: TwinLog, { stream, from, isBackwards }: StreamRequest): Generator<LoggedEvent> {
  const { events } = log.stream(stream);
  const lowest = Number(log.visibility(stream).truncateBefore);
  const newest = events.length - 1;
  const asked = from === 'start' ? 0 : from === 'end' ? newest + (isBackwards ? 0 : 1) : Number(from);
  const step = isBackwards ? -1 : 1;
  for (
    let at = isBackwards ? Math.min(asked, newest) : Math.max(asked, lowest);
    at >= lowest && at <= newest;
    at += step
  ) {
    const event = events[at];
    if (event !== undefined && event.index < log.shown) yield event;
  }
}

/** What a read of the whole log finds; backwards it begins before its position, as the server does. */
export function* eventsOfAll(log: TwinLog, { from, isBackwards, filter }: AllRequest): Generator<LoggedEvent> {
  const at = from === 'start' ? 0 : from === 'end' ? log.shown : Math.min(log.find(from).index, log.shown);
  const step = isBackwards ? -1 : 1;
  for (let index = isBackwards ? at - 1 : at; index >= 0 && index < log.shown; index += step) {
    const event = log.at(index);
    if (event !== undefined && (filter?.matches(event) ?? true)) yield event;
  }
}
