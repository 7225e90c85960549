import { limits } from '@turnledger/shared/contracts';
import { z } from 'zod';
import { type RerunCounts, rerunCounts } from '../figures/rerun-counts.ts';
import { untilSelected } from '../load/ask-rerun.ts';
import type { LoadFigures } from '../load/load-plan.ts';
import { type RecordedGroup, recordSessions } from '../load/record-sessions.ts';
import { openRerunsStage, type RerunsStage } from '../processes/reruns-stage.ts';
import type { BenchReport, Progress } from '../report/bench-report.ts';
import { figure } from '../report/markdown-table.ts';
import { listOption, numberOption } from './bench-options.ts';
import { type Batch, type BatchPlan, type ReusedBatch, runBatch, runReusedBatch } from './rerun-batch.ts';
import { busyTable, costTable, type LivePair, liveTable, reusedTable } from './reruns-tables.ts';

const { maxConcurrency, defaultConcurrency } = limits.rerun;

export const rerunsOptions = z.strictObject({
  concurrency: listOption(1, maxConcurrency, [1, defaultConcurrency, maxConcurrency]),
  'free-running': listOption(1, maxConcurrency, [defaultConcurrency]),
  /** What the asked model takes for a reply. */
  'reply-ms': numberOption(1, 10_000, 300),
  /** That a batch asks at each of its places, one after another. */
  replies: numberOption(4, 150, 10),
  /** At most a third of `replies`: free-running sessions beyond those that are begun at once are what its window is made of. */
  'turns-per-session': numberOption(1, 50, 3),
  'window-turns': numberOption(0, 100, 20),
  rounds: numberOption(1, 50, 3),
  /** A round of live turns; it has to be over while the batch beside it is not. */
  'live-seconds': numberOption(0.1, 30, 2),
});
type RerunsOptions = z.infer<typeof rerunsOptions>;

/**
 * How busy re-runs keep the model that they ask, at several concurrencies in turn; how fast they are where no model is asked; and what live turns
 * feel of the largest batch. The run does not count when turns, comparisons and calls at the model disagree.
 */
export async function runRerunsBench(
  options: RerunsOptions,
  progress: Progress,
  dataDir?: string,
): Promise<BenchReport> {
  const stage = await openRerunsStage({
    replyMs: options['reply-ms'],
    windowTurns: options['window-turns'],
    ...(dataDir !== undefined && { dataDir }),
  });
  try {
    return await measure(stage, options, progress);
  } finally {
    await stage.close();
  }
}

interface Measured {
  /** All of them: those that warmed up and those beside live turns are in the log as well. */
  readonly asked: Batch[];
  readonly batches: Batch[];
  readonly reused: ReusedBatch[];
  readonly pairs: LivePair[];
}

async function measure(reruns: RerunsStage, options: RerunsOptions, progress: Progress): Promise<BenchReport> {
  const { stage } = reruns;
  const groups = await recordGroups(stage.service.url, options);
  progress(`${[...groups.values()].reduce((sum, { turns }) => sum + turns, 0)} turns are recorded`);
  const plan = (mode: BatchPlan['mode']) => (concurrency: number) => planOf(groups, mode, concurrency);
  const plans = [
    ...options.concurrency.map(plan('teacher_forced')),
    ...options['free-running'].map(plan('free_running')),
  ];
  const largest = plan('teacher_forced')(Math.max(...options.concurrency));
  const measured: Measured = { asked: [], batches: [], reused: [], pairs: [] };
  // Most of what a batch does has not been done by playing.
  measured.asked.push(await runBatch(reruns, largest));
  for (let round = 1; round <= options.rounds; round += 1) {
    for (const one of plans) {
      const batch = await runBatch(reruns, one);
      measured.batches.push(batch);
      progress(
        `round ${round}: ${one.mode}, ${one.concurrency} at once: busy ${figure(batch.busy.share * 100)} % of ${figure(batch.busy.windowMs)} ms`,
      );
    }
    measured.reused.push(await runReusedBatch(reruns, largest));
    measured.pairs.push(await playLive(reruns, largest, options, measured.asked));
    const [alone, beside] = [measured.pairs.at(-1)?.alone, measured.pairs.at(-1)?.beside];
    progress(
      `round ${round}: live p50 ${figure(alone?.totalMs.p50)} ms alone, ${figure(beside?.totalMs.p50)} ms beside a batch; ${figure(measured.reused.at(-1)?.turnsPerSecond)} replies/s taken over`,
    );
  }
  return report(options, measured, await rerunCounts(stage.service.dataDir));
}

/** Sessions for each concurrency, so that each batch takes about as long. */
async function recordGroups(url: string, options: RerunsOptions): Promise<ReadonlyMap<number, RecordedGroup>> {
  const turnsEach = options['turns-per-session'];
  const groups = new Map<number, RecordedGroup>();
  for (const concurrency of new Set([...options.concurrency, ...options['free-running']])) {
    const sessions = Math.ceil((concurrency * options.replies) / turnsEach);
    const group = await recordSessions(url, { gameId: `places-${concurrency}`, sessions, turnsEach });
    const asked = { gameId: group.gameId, mode: 'teacher_forced', concurrency } as const;
    await untilSelected(url, asked, group.turns);
    groups.set(concurrency, group);
  }
  return groups;
}

function planOf(groups: ReadonlyMap<number, RecordedGroup>, mode: BatchPlan['mode'], concurrency: number): BatchPlan {
  const group = groups.get(concurrency) ?? { gameId: '', sessions: 0, turns: 0 };
  return { group, mode, concurrency };
}

async function playLive(
  reruns: RerunsStage,
  plan: BatchPlan,
  options: RerunsOptions,
  asked: Batch[],
): Promise<LivePair> {
  const { stage } = reruns;
  const load = {
    target: stage.targets.turnledger,
    mode: 'json',
    clients: 1,
    seconds: options['live-seconds'],
    maxTurns: 100_000,
    turnsPerSession: options['turns-per-session'],
    windowTurns: options['window-turns'],
  } as const;
  const alone = await stage.play(load);
  let beside: LoadFigures = alone;
  asked.push(
    await runBatch(reruns, plan, async () => {
      beside = await stage.play(load);
    }),
  );
  return { alone, beside };
}

function report(options: RerunsOptions, measured: Measured, counts: RerunCounts): BenchReport {
  const { asked, batches, reused, pairs } = measured;
  const turnsOf = (all: readonly BatchPlan[]) => all.reduce((sum, { group }) => sum + group.turns, 0);
  const askedTurns = turnsOf([...asked, ...batches]);
  const reusedTurns = turnsOf(reused);
  const wanted: RerunCounts = {
    compared: askedTurns + reusedTurns,
    distinct: askedTurns + reusedTurns,
    started: askedTurns,
    listedCalls: askedTurns,
    completed: askedTurns,
    reused: reusedTurns,
  };
  const names = Object.keys(wanted) as (keyof RerunCounts)[];
  const live = pairs.flatMap(({ alone, beside }) => [alone, beside]);
  return {
    notes: [
      `${options.rounds} rounds, batches in turn; median (least–greatest); each batch asks ${options.replies} turns for each of its places, of sessions of ${options['turns-per-session']} turns that were played before`,
      `the model takes ${options['reply-ms']} ms for a reply and is a process of its own; busy is measured at it, from the first call until fewer turns (free_running: sessions) than places are left to begin`,
      '"by the set time" counts no call for longer than the model was told to take: how late the model itself is, for want of a processor, is left out',
      `live turns beside a batch: ${options['live-seconds']} s alone, then as long while the batch is under way`,
      `row parity over the whole run: ${askedTurns} turns asked of the model, ${reusedTurns} taken over; ${names.map((name) => `${name} ${counts[name]}`).join(', ')}`,
    ],
    tables: [
      busyTable(batches),
      costTable(batches),
      reusedTable(reused),
      liveTable(pairs, Math.max(...options.concurrency)),
    ],
    figures: { counts, ...measured },
    faults: [
      ...[...asked, ...batches, ...reused].flatMap(({ faults }) => faults),
      ...names
        .filter((name) => counts[name] !== wanted[name])
        .map((name) => `${name} is ${counts[name]} in the log, but must be ${wanted[name]}`),
      ...live.flatMap(({ failureTexts }) => failureTexts),
    ],
  };
}
