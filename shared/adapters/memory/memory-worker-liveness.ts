import type { WorkerBeat, WorkerLiveness } from '../../ports/index.ts';

/** Beats of the workers of one process, lost with it; it keeps all of them, which are few. */
export function openMemoryWorkerLiveness(): WorkerLiveness {
  const beats = new Map<string, WorkerBeat>();
  let count = 0;
  return {
    beat: async (worker) => {
      count += 1;
      if (!beats.get(worker)?.hasEnded) beats.set(worker, { beat: String(count), hasEnded: false });
    },
    end: async (worker) => void beats.set(worker, { beat: beats.get(worker)?.beat ?? '0', hasEnded: true }),
    beats: async () => new Map(beats),
  };
}
