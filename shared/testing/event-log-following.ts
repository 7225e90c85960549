import type { EventLog, LogItem, RecordedEvent } from '../ports/index.ts';
import { Arrivals } from './arrivals.ts';

/** The log of the running test. */
export type CurrentLog = () => EventLog;

/** Every event after a position, up to and with another; ends its subscription. */
export async function eventsThrough(log: EventLog, through: bigint, after = 0n): Promise<readonly RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  if (after >= through) return events;
  const stop = new AbortController();
  for await (const item of log.subscribe({ after, signal: stop.signal })) {
    if (item.kind === 'event') events.push(item.event);
    if (item.kind === 'event' && item.event.position >= through) break;
  }
  stop.abort();
  return events;
}

/** A subscription read in the background. */
export interface Following {
  readonly items: Arrivals<LogItem>;
  readonly events: Arrivals<RecordedEvent>;
  readonly caughtUps: Arrivals<bigint>;
  /** Aborts and waits for the subscription's own end; throws what it threw. */
  stop(): Promise<void>;
}

export function follow(log: EventLog, after = 0n): Following {
  const items = new Arrivals<LogItem>();
  const events = new Arrivals<RecordedEvent>();
  const caughtUps = new Arrivals<bigint>();
  const stopping = new AbortController();
  const ended = (async () => {
    for await (const item of log.subscribe({ after, signal: stopping.signal })) {
      items.add(item);
      if (item.kind === 'event') events.add(item.event);
      else caughtUps.add(item.position);
    }
  })();
  const stop = () => {
    stopping.abort();
    return ended;
  };
  return { items, events, caughtUps, stop };
}
