import type { RerunRun } from './rerun-ports.ts';

/** In whose name a run appends, and for which re-run: the context of all that it records. */
export const contextOf = ({ worker, rerunId }: Pick<RerunRun, 'worker' | 'rerunId'>) => ({
  actor: `system:${worker}`,
  correlationId: rerunId,
});
