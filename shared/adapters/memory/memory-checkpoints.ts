import type { Checkpoints } from '../../ports/index.ts';

/** Checkpoints within one process, lost with it. */
export function openMemoryCheckpoints(): Checkpoints {
  const positions = new Map<string, bigint>();
  return {
    position: async (loop) => positions.get(loop) ?? 0n,
    move: async (loop, { from, to }) => {
      if ((positions.get(loop) ?? 0n) !== from) return 'moved';
      positions.set(loop, to);
      return 'ok';
    },
  };
}
