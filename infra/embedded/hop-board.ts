import type { ProjectorStatus } from '@turnledger/projectors';
import { limits } from '@turnledger/shared/contracts';
import type { Clock } from '@turnledger/shared/ports';
import type { Hop } from '@turnledger/shared/runtime';

/** Keeps the state of every hop, for /readyz. */
export interface HopBoard {
  report(status: ProjectorStatus): void;
  hops(): readonly Hop[];
}

/** How long a projector may be behind the head before it counts as stuck, milliseconds: a busy second is no fault. */
const STUCK_AFTER_MS = 2_000;

interface Entry {
  isReady: boolean;
  since: string;
  status: ProjectorStatus | undefined;
}

/** A board over the loops of this process; `facts` adds what is known beside them. */
export function createHopBoard(
  clock: Clock,
  names: readonly string[],
  queueHop: () => { depth: number; running: number },
): HopBoard {
  const now = () => new Date(clock.nowMs()).toISOString();
  const entries = new Map<string, Entry>(
    names.map((name) => [name, { isReady: false, since: now(), status: undefined }]),
  );

  const update = (entry: Entry, isReady: boolean) => {
    if (entry.isReady === isReady) return;
    entry.isReady = isReady;
    entry.since = now();
  };

  return {
    report(status) {
      const entry = entries.get(status.name);
      if (!entry) return;
      entry.status = status;
      if (status.isCaughtUp) update(entry, true);
    },
    hops() {
      const loops = [...entries].map(([name, entry]): Hop => {
        const { status } = entry;
        const isStuck =
          status !== undefined && !status.isCaughtUp && clock.monotonicMs() - status.movedAtMs > STUCK_AFTER_MS;
        if (isStuck) update(entry, false);
        return { name, isReady: entry.isReady, since: entry.since, facts: { position: String(status?.position ?? 0) } };
      });
      const { depth, running } = queueHop();
      const worker = {
        name: 'inference-worker',
        isReady: depth < limits.queue.maxMessages,
        since: now(),
        facts: { depth, running },
      };
      return [...loops, worker];
    },
  };
}
