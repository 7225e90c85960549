import { type CountedMeans, countedParts } from '../figures/counted-means.ts';
import { type HopTimes, hopTimes, KAFKA_HOP, RELAY_HOP } from '../figures/hop-times.ts';
import { pairRatios, percentile, spreadOf } from '../figures/percentiles.ts';
import type { Member } from '../processes/distributed-stage.ts';
import { figure, type ReportTable, spread } from '../report/markdown-table.ts';
import type { Round } from './alternate-rounds.ts';
import type { PlayCosts } from './distributed-load.ts';
import { type DistributedLoad, directName, type MemberMemory } from './distributed-run.ts';
import { modelName } from './turns-contenders.ts';

const median = (values: readonly number[]): number => spreadOf(values).median;
const of = (rounds: readonly Round[], contender: string): readonly Round[] =>
  rounds.filter((round) => round.contender === contender);
const contendersOf = (rounds: readonly Round[]): readonly string[] => [
  ...new Set(rounds.map(({ contender }) => contender)),
];
const clientsText = (clients: number): string => (clients === 1 ? '1 client' : `${clients} clients`);
const rates = (rounds: readonly Round[]) => rounds.map(({ figures }) => figures.turnsPerSecond);

export function ratesTable(loads: readonly DistributedLoad[]): ReportTable {
  const rows = loads.flatMap(({ clients, rounds }) =>
    contendersOf(rounds).map((contender) => {
      const played = rates(of(rounds, contender));
      const ratio = contender === directName ? '' : spread(pairRatios(rates(of(rounds, directName)), played));
      return [contender, String(clients), spread(spreadOf(played)), ratio];
    }),
  );
  return { title: 'Turns a second', columns: ['', 'clients', 'turns/s', `${directName} is x times that`], rows };
}

/** Overhead is taken off two ways: the model's own answer at one client, which we do not slow down, and all that the worker waited for it. */
export function timesTable(loads: readonly DistributedLoad[]): ReportTable {
  const alone = loads.filter(({ clients }) => clients === 1).flatMap(({ rounds }) => of(rounds, modelName));
  const modelMs = alone.length === 0 ? 0 : median(alone.map(({ figures }) => figures.totalMs.p50));
  const rows = loads.flatMap(({ clients, rounds, times }) =>
    contendersOf(rounds).map((contender) => {
      const played = of(rounds, contender).map(({ figures }) => figures.totalMs);
      const p50Ms = median(played.map(({ p50 }) => p50));
      const around = times.map(({ askedAtMs, answeredAtMs, modelMs: waitedMs }) => answeredAtMs - askedAtMs - waitedMs);
      return [
        contender,
        String(clients),
        ...[p50Ms, median(played.map(({ p95 }) => p95)), median(played.map(({ p99 }) => p99)), p50Ms - modelMs].map(
          figure,
        ),
        contender === directName ? figure(percentile(around, 0.5)) : '',
      ];
    }),
  );
  return {
    title: "A turn's time in milliseconds; overhead is p50 less the model's own time at one client",
    columns: ['', 'clients', 'p50', 'p95', 'p99', 'overhead p50', "p50 without the worker's wait for the model"],
    rows,
  };
}

const meanOf = (hops: readonly HopTimes[], name: string): number =>
  hops.find((hop) => hop.name === name)?.meanMs ?? Number.NaN;

/** Over all rounds, a turn as much as any other, as the means of the hops are. */
const pooledMs = (costs: readonly PlayCosts[], key: keyof CountedMeans): number =>
  costs.reduce((sum, { meansMs, turns }) => sum + meansMs[key] * turns, 0) /
  costs.reduce((sum, { turns }) => sum + turns, 0);

/** From the relay's message to a worker that takes it, a mean: the worker's metric counts from the log's time, so the relay's part goes off. */
export const sentToTakenMs = ({ times, costs }: DistributedLoad): number =>
  pooledMs(costs, 'taken') - meanOf(hopTimes(times), RELAY_HOP);

/** The way of the command-api's own turns. Of the hop with Kafka in it the worker's metric tells two parts, as means. */
export function hopsTable(load: DistributedLoad): ReportTable {
  const { clients, times } = load;
  const hops = hopTimes(times);
  const toTakenMs = sentToTakenMs(load);
  const parts = [
    ['… of it until a worker takes it', toTakenMs],
    ['… of it from there to TurnStarted decided', meanOf(hops, KAFKA_HOP) - toTakenMs],
  ] as const;
  const rows = hops.flatMap(({ name, meanMs, p50Ms, p95Ms, share }) => [
    [name, ...[meanMs, p50Ms, p95Ms, share * 100].map(figure)],
    ...(name === KAFKA_HOP ? parts.map(([part, partMs]) => [part, figure(partMs), '', '', '']) : []),
  ]);
  return {
    title: `Where the time of a turn goes at ${clientsText(clients)}, milliseconds (${times.length} turns; clocks tell whole ones)`,
    columns: ['', 'mean', 'p50', 'p95', '% of the mean'],
    rows,
  };
}

/** What sums and counts of the processes' own histograms say; opening a session is an append of the command-api as well. */
export function countedTable(loads: readonly DistributedLoad[]): ReportTable {
  const keys = Object.keys(countedParts) as (keyof typeof countedParts)[];
  const rows = keys.map((key) => [countedParts[key].name, ...loads.map(({ costs }) => figure(pooledMs(costs, key)))]);
  return {
    title: 'What the processes time themselves, means in milliseconds over all rounds',
    columns: ['', ...loads.map(({ clients }) => clientsText(clients))],
    rows,
  };
}

export function costsTable(members: readonly Member[], loads: readonly DistributedLoad[]): ReportTable {
  const rows = members.map(({ name }, index) => [
    name,
    ...loads.map(({ costs }) => figure(median(costs.map(({ cpuMsPerTurn }) => cpuMsPerTurn[index] ?? Number.NaN)))),
  ]);
  return {
    title: 'Processor time of a turn in milliseconds, median of the rounds of the command-api itself',
    columns: ['', ...loads.map(({ clients }) => clientsText(clients))],
    rows,
  };
}

export function memoryTable(
  members: readonly Member[],
  loads: readonly DistributedLoad[],
  { startMib, endMib, restMib }: MemberMemory,
): ReportTable {
  const peaks = loads.flatMap(({ costs }) => costs.map(({ peakMib }) => peakMib));
  const rows = members.map(({ name }, index) => {
    const peakMib = Math.max(endMib[index] ?? Number.NaN, ...peaks.map((peak) => peak[index] ?? Number.NaN));
    return [name, ...[startMib[index], peakMib, endMib[index], restMib[index]].map(figure)];
  });
  return {
    title: 'Resident memory, MiB (PostgreSQL: all its processes, shared pages once)',
    columns: ['', 'before load', 'peak under load', 'end of load', 'after rest'],
    rows,
  };
}
