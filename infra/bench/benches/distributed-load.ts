import { type CountedMeans, countedMeans, countedParts, type MetricTexts } from '../figures/counted-means.ts';
import type { LoadFigures, LoadPlan } from '../load/load-plan.ts';
import type { DistributedStage } from '../processes/distributed-stage.ts';
import { watchEvery } from './watch-every.ts';

/** What one play cost the whole topology. */
export interface PlayCosts {
  readonly turns: number;
  /** Processor time of each member for one turn, milliseconds, in the members' order. */
  readonly cpuMsPerTurn: readonly number[];
  /** Of each member, seen every second: the greatest, and what it was at the end. */
  readonly peakMib: readonly number[];
  readonly endMib: readonly number[];
  /** What the processes counted themselves. */
  readonly meansMs: CountedMeans;
}

const LOOK_EVERY_MS = 1_000;

/** Plays, and watches every member meanwhile. */
export async function playWatched(
  stage: DistributedStage,
  plan: LoadPlan,
): Promise<{ readonly figures: LoadFigures; readonly costs: PlayCosts }> {
  const countedBefore = await metricTexts(stage);
  const before = await stage.costs();
  const peakMib = before.map(({ mib }) => mib);
  const watch = watchEvery(LOOK_EVERY_MS, async () => {
    for (const [index, { mib }] of (await stage.costs()).entries()) peakMib[index] = Math.max(peakMib[index] ?? 0, mib);
  });
  const figures = await stage.play(plan).finally(() => watch.stop());
  const after = await stage.costs();
  const counted = await metricTexts(stage);
  return {
    figures,
    costs: {
      turns: figures.turns,
      cpuMsPerTurn: after.map(({ cpuMs }, index) => (cpuMs - (before[index]?.cpuMs ?? Number.NaN)) / figures.turns),
      peakMib,
      endMib: after.map(({ mib }) => mib),
      meansMs: countedMeans(countedBefore, counted),
    },
  };
}

const counting: ReadonlySet<string> = new Set(Object.values(countedParts).map(({ service }) => service));

async function metricTexts({ members }: DistributedStage): Promise<MetricTexts> {
  const asked = members.filter(({ name }) => counting.has(name));
  return new Map(await Promise.all(asked.map(async ({ name, url }) => [name, await metricsOf(url)] as const)));
}

/** A process's `/metrics`; empty where it has none. */
export async function metricsOf(url: string | undefined): Promise<string> {
  if (url === undefined) return '';
  const response = await fetch(`${url}/metrics`);
  const text = await response.text();
  return response.ok ? text : '';
}
