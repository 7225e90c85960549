import { eventLogContract } from '../../testing/event-log-contract.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import { MemoryEventLog } from './memory-event-log.ts';

eventLogContract('memory', async () => {
  const log = new MemoryEventLog({ clock: new ManualClock() });
  return { log, close: () => log.close() };
});
