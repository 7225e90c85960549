import type { ParkedEvents } from '@turnledger/shared/ports';
import type { Metrics } from '@turnledger/shared/runtime';
import { loopNames } from './run-loops.ts';

/** The same place for events that could not be read, with a count of what is put there, by loop; an event read again counts again. */
export function countParked(metrics: Metrics, parked: ParkedEvents): ParkedEvents {
  const count = metrics.counter(
    'turnledger_events_parked_total',
    'Events that a loop could not read and left out, so that their neighbours could go on.',
    'projector',
    loopNames,
  );
  return {
    park: async (events) => {
      await parked.park(events);
      for (const { loop } of events) count(loop);
    },
  };
}
