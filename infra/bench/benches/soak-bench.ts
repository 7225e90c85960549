import { z } from 'zod';
import { type MemorySample, memoryGrowth } from '../figures/memory-growth.ts';
import { metricTotal } from '../figures/metric-total.ts';
import { parityFaults } from '../figures/row-parity.ts';
import type { LoadFigures } from '../load/load-plan.ts';
import { type DistributedStage, type Member, openDistributedStage } from '../processes/distributed-stage.ts';
import { readTraces } from '../processes/read-traces.ts';
import type { BenchReport, Progress } from '../report/bench-report.ts';
import { figure } from '../report/markdown-table.ts';
import { conversationOptions, numberOption } from './bench-options.ts';
import { metricsOf } from './distributed-load.ts';
import { type SoakedMember, soakTables, verdictNote } from './soak-tables.ts';
import { watchEvery } from './watch-every.ts';

export const soakOptions = z.strictObject({
  ...conversationOptions,
  minutes: numberOption(0.1, 600, 10),
  /** A fifth of what is asked of two cores: a soak is about what stays, not about speed. */
  'turns-per-second': numberOption(0.1, 1_000, 40),
  clients: numberOption(1, 500, 16),
  'sample-seconds': numberOption(0.5, 60, 10),
});
type SoakOptions = z.infer<typeof soakOptions>;

/** By member, in their order; of a member without a heap of V8's none. */
interface Samples {
  readonly resident: readonly (readonly MemorySample[])[];
  readonly heap: readonly (readonly MemorySample[])[];
}

const BYTES_PER_MIB = 1_048_576;
const HEAP_METRIC = 'nodejs_heap_size_used_bytes';
const MAX_TURNS = 10_000_000;

/**
 * Constant load through the edge, short sessions that are read back when they end, and how the memory of every process goes meanwhile. The
 * verdict is about our processes: engines keep what they are given, as they are told to. The run does not count when an answer was wrong, a
 * process ended or the stores disagree.
 */
export async function runSoakBench(options: SoakOptions, progress: Progress): Promise<BenchReport> {
  const stage = await openDistributedStage(options['window-turns']);
  try {
    const lost: string[] = [];
    void stage.running.lost.then((how) => lost.push(how));
    const { figures, twinCalls, samples } = await soak(stage, options, progress);
    const { counts: stored } = await readTraces(stage);
    const counts = { twinCalls, answered: figures.distinctTurns, ...stored };
    const durationMs = options.minutes * 60_000;
    const soaked = stage.members.map((member, index): SoakedMember => {
      const heap = samples.heap[index] ?? [];
      return {
        member,
        resident: memoryGrowth(samples.resident[index] ?? [], durationMs),
        heap: heap.length === 0 ? undefined : memoryGrowth(heap, durationMs, 'least'),
      };
    });
    return {
      notes: [
        `${options.minutes} minutes at ${options['turns-per-second']} turns a second, ${options.clients} clients through the edge, JSON, sessions of ${options['turns-per-session']} turns, each read back at its end; ${stage.stores.join('; ')}`,
        `seen every ${options['sample-seconds']} s; early is 20 to 40 % of the time (of ten minutes the third and fourth), late the last 20 % (the last two)`,
        verdictNote(soaked),
      ],
      tables: soakTables(soaked, figures, counts),
      figures: { counts, load: figures, samples: { members: stage.members.map(({ name }) => name), ...samples } },
      faults: [...parityFaults(counts), ...answerFault(figures), ...lost],
    };
  } finally {
    await stage.close();
  }
}

async function soak(
  stage: DistributedStage,
  options: SoakOptions,
  progress: Progress,
): Promise<{ readonly figures: LoadFigures; readonly twinCalls: number; readonly samples: Samples }> {
  const resident: MemorySample[][] = stage.members.map(() => []);
  const heap: MemorySample[][] = stage.members.map(() => []);
  const { totalCalls } = await stage.twin();
  const startedAtMs = performance.now();
  const look = async () => {
    const [costs, heaps] = await Promise.all([stage.costs(), Promise.all(stage.members.map(heapMib))]);
    const atMs = performance.now() - startedAtMs;
    for (const [index, { mib }] of costs.entries()) resident[index]?.push({ atMs, mib });
    for (const [index, mib] of heaps.entries()) if (mib !== undefined) heap[index]?.push({ atMs, mib });
    const services = stage.members.flatMap(({ name, kind }, index) =>
      kind === 'service' ? [`${name} ${figure(costs[index]?.mib)}`] : [],
    );
    progress(`${figure(atMs / 60_000)} min, MiB: ${services.join(', ')}`);
  };
  const watch = watchEvery(options['sample-seconds'] * 1_000, look);
  const playing = stage.play({
    target: stage.targets.edge,
    mode: 'json',
    clients: options.clients,
    seconds: options.minutes * 60,
    maxTurns: MAX_TURNS,
    turnsPerSession: options['turns-per-session'],
    windowTurns: options['window-turns'],
    turnsPerSecond: options['turns-per-second'],
    readsBack: true,
  });
  const figures = await playing.finally(() => watch.stop());
  return { figures, samples: { resident, heap }, twinCalls: (await stage.twin()).totalCalls - totalCalls };
}

/** What V8 has in use; undefined for a process that does not tell, and for a moment in which it does not answer. */
async function heapMib({ url }: Member): Promise<number | undefined> {
  const bytes = metricTotal(await metricsOf(url).catch(() => ''), HEAP_METRIC);
  return Number.isFinite(bytes) ? bytes / BYTES_PER_MIB : undefined;
}

const answerFault = ({ failures, failureTexts }: LoadFigures): readonly string[] =>
  failures === 0 ? [] : [`${failures} answers were wrong, such as: ${failureTexts[0]}`];
