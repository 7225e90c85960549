import { setTimeout as sleep } from 'node:timers/promises';
import { type TurnTimes, turnTimes } from '../figures/hop-times.ts';
import { parityFaults } from '../figures/row-parity.ts';
import type { LoadFigures, LoadPlan, ToldTurn } from '../load/load-plan.ts';
import { type DistributedStage, openDistributedStage } from '../processes/distributed-stage.ts';
import { readTraces, type StoredTraces } from '../processes/read-traces.ts';
import type { BenchReport, Progress } from '../report/bench-report.ts';
import { type AlternationStage, alternateRounds, type Contender, playRound, type Round } from './alternate-rounds.ts';
import { answerFaults } from './answer-faults.ts';
import { type PlayCosts, playWatched } from './distributed-load.ts';
import { distributedReport } from './distributed-report.ts';
import { type DistributedLoad, type DistributedOptions, directName } from './distributed-run.ts';
import { modelName } from './turns-contenders.ts';

const otherNames = { edge: 'through the edge', model: modelName } as const;

/**
 * Turns through the four processes, real Kafka, Redis and PostgreSQL and the event-store twin: how many a second, what a turn costs whom, how
 * large every process is, and where a turn's time goes, hop by hop. The hops come from what the stores keep anyway (times in the events,
 * the log's own times, the Kafka messages' timestamps), read after the load: nothing is added to the way of a turn. The run does not count
 * when any answer was wrong or the counts of the stores disagree.
 */
export async function runDistributedBench(options: DistributedOptions, progress: Progress): Promise<BenchReport> {
  const stage = await openDistributedStage(options['window-turns']);
  try {
    const lost: string[] = [];
    void stage.running.lost.then((how) => lost.push(how));
    const startMib = (await stage.costs()).map(({ mib }) => mib);
    const { loads, all } = await playLoads(stage, options, progress);
    const ends = await stage.costs();
    await sleep(options['rest-seconds'] * 1_000);
    const restMib = (await stage.costs()).map(({ mib }) => mib);
    const stored = await readTraces(stage);
    const ours = all.filter(({ contender }) => contender !== modelName);
    const sum = (count: (round: Round) => number) => ours.reduce((total, round) => total + count(round), 0);
    const answered = sum(({ figures }) => figures.distinctTurns);
    const counts = { twinCalls: sum(({ twinCalls }) => twinCalls), answered, ...stored.counts };
    return distributedReport({
      stage,
      options,
      loads: loads.map((load) => ({ ...load, times: timesOf(load.told, stored) })),
      memory: { startMib, endMib: ends.map(({ mib }) => mib), restMib },
      counts,
      sent: stored.sentAtMs.size,
      faults: [...parityFaults(counts), ...answerFaults(all), ...lost],
    });
  } finally {
    await stage.close();
  }
}

type PlayedLoad = Omit<DistributedLoad, 'times'> & { readonly told: readonly ToldTurn[] };

async function playLoads(
  stage: DistributedStage,
  options: DistributedOptions,
  progress: Progress,
): Promise<{ readonly loads: readonly PlayedLoad[]; readonly all: readonly Round[] }> {
  const contenders: readonly Contender[] = [
    { name: directName, target: stage.targets.direct },
    ...options.contenders.map((name) => ({ name: otherNames[name], target: stage.targets[name] })),
  ];
  // What a round of ours cost and told is kept beside it, under its figures; a report is no place for every turn's times.
  const costs = new Map<LoadFigures, PlayCosts>();
  const told = new Map<LoadFigures, readonly ToldTurn[]>();
  const watched: AlternationStage = {
    twin: () => stage.twin(),
    async play(plan: LoadPlan) {
      if (plan.target !== stage.targets.direct) return stage.play(plan);
      const played = await playWatched(stage, { ...plan, tellsTurns: true });
      const { toldTurns = [], ...figures } = played.figures;
      costs.set(figures, played.costs);
      told.set(figures, toldTurns);
      return figures;
    },
  };
  const all: Round[] = [];
  const most = Math.max(...options.clients);
  for (const contender of contenders) {
    const burnIn = { ...planOf(options, most), seconds: options['burn-in-seconds'] };
    all.push(await playRound(watched, contender, burnIn));
  }
  progress(`${all.map(({ contender, figures }) => `${contender} ${figures.turns}`).join(', ')} turns to warm up`);
  const loads: PlayedLoad[] = [];
  for (const clients of options.clients) {
    const settings = { rounds: options.rounds, warmUpSeconds: options['warm-up-seconds'], progress };
    const { warmUps, rounds } = await alternateRounds(watched, contenders, planOf(options, clients), settings);
    all.push(...warmUps, ...rounds);
    const own = rounds.filter(({ contender }) => contender === directName);
    loads.push({
      clients,
      rounds,
      costs: own.flatMap(({ figures }) => costs.get(figures) ?? []),
      told: own.flatMap(({ figures }) => told.get(figures) ?? []),
    });
  }
  return { loads, all };
}

const planOf = (options: DistributedOptions, clients: number): Omit<LoadPlan, 'target'> => ({
  mode: 'json',
  clients,
  seconds: options.seconds,
  maxTurns: options['max-turns'],
  turnsPerSession: options['turns-per-session'],
  windowTurns: options['window-turns'],
});

const timesOf = (told: readonly ToldTurn[], { traces, sentAtMs }: StoredTraces): readonly TurnTimes[] =>
  told.flatMap((turn) => turnTimes(traces.traceOf(turn.turnId), turn, sentAtMs.get(turn.turnId)) ?? []);
