import { pairRatios, spreadOf } from '../figures/percentiles.ts';
import type { StoreWork } from '../figures/store-work.ts';
import type { LoadMode } from '../load/load-plan.ts';
import { figure, type ReportTable, spread } from '../report/markdown-table.ts';
import type { Round } from './alternate-rounds.ts';
import { modelName, ourName } from './turns-contenders.ts';

interface Cell {
  readonly mode: LoadMode;
  readonly clients: number;
  readonly contender: string;
  readonly rounds: readonly Round[];
}

/** Rounds of one contender under one load, in the order they were played. */
function cellsOf(rounds: readonly Round[]): readonly Cell[] {
  const cells = new Map<string, { cell: Omit<Cell, 'rounds'>; rounds: Round[] }>();
  for (const round of rounds) {
    const { mode, clients, contender } = round;
    const name = `${mode} ${clients} ${contender}`;
    const known = cells.get(name) ?? { cell: { mode, clients, contender }, rounds: [] };
    known.rounds.push(round);
    cells.set(name, known);
  }
  return [...cells.values()].map(({ cell, rounds: played }) => ({ ...cell, rounds: played }));
}

const of = (rounds: readonly Round[], value: (round: Round) => number) => rounds.map(value);
const rate = ({ figures }: Round) => figures.turnsPerSecond;

/** Turns a second, and how many times theirs ours is, pair by pair. */
export function ratesTable(rounds: readonly Round[]): ReportTable {
  const cells = cellsOf(rounds);
  const rows = cells.map(({ mode, clients, contender, rounds: played }) => {
    const ours = cells.find((cell) => cell.mode === mode && cell.clients === clients && cell.contender === ourName);
    const ratio = contender === ourName ? '' : spread(pairRatios(of(ours?.rounds ?? [], rate), of(played, rate)));
    return [contender, mode, String(clients), spread(spreadOf(of(played, rate))), ratio];
  });
  return { title: 'Turns a second', columns: ['', 'mode', 'clients', 'turns/s', 'ours is x times that'], rows };
}

/** The model's own time for a turn under no other load: p50 of the calls straight to the twin with one client, else nothing. */
function modelMs(rounds: readonly Round[], mode: LoadMode, value: (round: Round) => number): number {
  const direct = rounds.filter((round) => round.contender === modelName && round.mode === mode && round.clients === 1);
  return direct.length === 0 ? 0 : spreadOf(of(direct, value)).median;
}

/** Median over the rounds of each percentile; overhead is p50 without the model's own time. */
export function timesTable(rounds: readonly Round[]): ReportTable {
  const rows = cellsOf(rounds).map(({ mode, clients, contender, rounds: played }) => {
    const median = (value: (round: Round) => number) => spreadOf(of(played, value)).median;
    const total = ({ figures }: Round) => figures.totalMs.p50;
    const first = ({ figures }: Round) => figures.firstDeltaMs.p50;
    const added = (value: (round: Round) => number) => figure(median(value) - modelMs(rounds, mode, value));
    const percentiles = [
      total,
      ({ figures }: Round) => figures.totalMs.p95,
      ({ figures }: Round) => figures.totalMs.p99,
    ];
    return [
      contender,
      mode,
      String(clients),
      ...percentiles.map((value) => figure(median(value))),
      added(total),
      mode === 'sse' ? figure(median(first)) : '',
      mode === 'sse' ? added(first) : '',
    ];
  });
  return {
    title: "A turn's time in milliseconds; overhead is p50 less the model's own time at one client",
    columns: ['', 'mode', 'clients', 'p50', 'p95', 'p99', 'overhead p50', 'first text p50', 'added to it'],
    rows,
  };
}

/** What a turn costs in processor time, and how busy the tools were: neither may be what limits a contender. */
export function costTable(rounds: readonly Round[]): ReportTable {
  const values: readonly ((round: Round) => number)[] = [
    ({ processMsPerTurn }) => processMsPerTurn,
    ({ databaseMsPerTurn }) => databaseMsPerTurn,
    ({ figures }) => figures.generatorLoad,
    ({ twinLoad }) => twinLoad,
  ];
  const rows = cellsOf(rounds).map(({ mode, clients, contender, rounds: played }) => {
    const medians = values.map((value) => figure(spreadOf(of(played, value)).median));
    return [contender, mode, String(clients), ...medians];
  });
  return {
    title: 'Processor time of a turn in milliseconds, and how busy generator and twin were (1 is one core)',
    columns: ['', 'mode', 'clients', 'its process', 'its PostgreSQL', 'generator', 'twin'],
    rows,
  };
}

/** What one load cost our PostgreSQL, for a turn. */
export interface LoadWork extends StoreWork {
  readonly mode: LoadMode;
  readonly clients: number;
}

/** Transactions and waits for the disk, warm-up included: what group commits save, and what the views and the vault add. */
export function workTable(work: readonly LoadWork[]): ReportTable {
  const rows = work.map(({ mode, clients, transactions, syncs }) => [
    mode,
    String(clients),
    figure(transactions),
    figure(syncs),
  ]);
  return {
    title: 'Our PostgreSQL, for one turn',
    columns: ['mode', 'clients', 'transactions', 'syncs of the WAL'],
    rows,
  };
}
