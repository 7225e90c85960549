import type { ProjectorStatus } from '@turnledger/projectors';
import { limits } from '@turnledger/shared/contracts';
import type { Clock } from '@turnledger/shared/ports';
import type { Hop } from '@turnledger/shared/runtime';

/** Keeps the state of every hop, for /readyz. */
export interface HopBoard {
  report(status: ProjectorStatus): void;
  hops(): readonly Hop[];
}

interface Entry {
  isReady: boolean;
  since: string;
  status: ProjectorStatus | undefined;
}

/** A board over the loops of this process, by their names, and over its worker, which is stuck while the queue takes no more. */
export function createHopBoard(
  clock: Clock,
  names: readonly string[],
  worker: () => { readonly depth: number; readonly running: number },
): HopBoard {
  const now = () => new Date(clock.nowMs()).toISOString();
  const entries = new Map<string, Entry>(
    names.map((name) => [name, { isReady: false, since: now(), status: undefined }]),
  );

  const working: Omit<Entry, 'status'> = { isReady: true, since: now() };

  const update = (entry: Omit<Entry, 'status'>, isReady: boolean) => {
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
          status !== undefined &&
          !status.isCaughtUp &&
          clock.monotonicMs() - status.movedAtMs > limits.projector.stuckAfterMs;
        if (isStuck) update(entry, false);
        return { name, isReady: entry.isReady, since: entry.since, facts: { position: String(status?.position ?? 0) } };
      });
      const facts = worker();
      update(working, facts.depth < limits.queue.maxMessages);
      return [...loops, { name: 'inference-worker', isReady: working.isReady, since: working.since, facts }];
    },
  };
}
