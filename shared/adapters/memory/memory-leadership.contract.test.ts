import type { Leadership } from '../../ports/index.ts';
import { describeLeadership } from '../../testing/leadership-contract.ts';
import { systemClock } from '../system/index.ts';
import { openMemoryLeadership } from './memory-leadership.ts';

describeLeadership('memory', systemClock, async () => {
  let leadership: Leadership | undefined;
  return {
    open: async (options) => {
      leadership ??= openMemoryLeadership(options);
      return leadership;
    },
    close: async () => undefined,
  };
});
