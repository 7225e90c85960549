import type { LoadFigures, LoadMode, LoadPlan } from '../load/load-plan.ts';
import { startAskedProcess } from '../processes/asked-process.ts';

/** What the load generator reaches when nothing is behind the server. */
export interface GeneratorCeiling extends LoadFigures {
  readonly mode: LoadMode;
}

const MAX_SECONDS = 2;

/** Plays each load against a trivial server of its own process, checks and keys included; half the time before is a warm-up. */
export async function generatorCeilings(
  stage: { play(plan: LoadPlan): Promise<LoadFigures> },
  loads: readonly Omit<LoadPlan, 'target'>[],
): Promise<readonly GeneratorCeiling[]> {
  const trivial = await startAskedProcess('bench/processes/trivial-process');
  try {
    const { url } = await trivial.ask<{ url: string }>({});
    const target = { kind: 'turnledger', url, scenarioId: 'none' } as const;
    const ceilings: GeneratorCeiling[] = [];
    for (const load of loads) {
      const seconds = Math.min(MAX_SECONDS, load.seconds);
      await stage.play({ ...load, target, seconds: seconds / 2 });
      ceilings.push({ mode: load.mode, ...(await stage.play({ ...load, target, seconds })) });
    }
    return ceilings;
  } finally {
    await trivial.stop();
  }
}
