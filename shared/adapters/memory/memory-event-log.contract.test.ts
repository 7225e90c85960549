import { eventLogContract, ManualClock } from '../../testing/index.ts';
import { MemoryEventLog } from './memory-event-log.ts';

eventLogContract('memory', async () => {
  const log = new MemoryEventLog({ clock: new ManualClock() });
  return { log, close: () => log.close() };
});
