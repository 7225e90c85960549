import { describe, expect, it } from '@jest/globals';
import { limits } from '@turnledger/shared/contracts';
import type { TurnTimes } from '../figures/hop-times.ts';
import type { LoadFigures, LoadMode } from '../load/load-plan.ts';
import type { Round } from './alternate-rounds.ts';
import type { PlayCosts } from './distributed-load.ts';
import { distributedReport } from './distributed-report.ts';
import { type DistributedLoad, type DistributedRun, directName } from './distributed-run.ts';
import { modelName } from './turns-contenders.ts';

const figuresAt = (p50: number, turnsPerSecond: number): LoadFigures => {
  const totalMs = { p50, p95: p50 * 2, p99: p50 * 3, max: p50 * 4 };
  return {
    turns: 10,
    distinctTurns: 10,
    turnsPerSecond,
    totalMs,
    firstDeltaMs: totalMs,
    failures: 0,
    failureTexts: [],
    generatorLoad: 0.1,
  };
};
const round = (contender: string, clients: number, figures: LoadFigures): Round => ({
  contender,
  mode: 'json' as LoadMode,
  clients,
  figures,
  twinCalls: 10,
  processMsPerTurn: Number.NaN,
  databaseMsPerTurn: Number.NaN,
  twinLoad: 0,
});
/** 4 ms at the relay, 6 from its message to the claim, of 20 in all, 2 of which the model took. */
const times = (kafkaMs: number): TurnTimes => ({
  askedAtMs: 0,
  requested: { recordedAtMs: 2, loggedAtMs: 3 },
  sentAtMs: 7,
  started: { recordedAtMs: 7 + kafkaMs, loggedAtMs: 8 + kafkaMs },
  modelMs: 2,
  completed: { recordedAtMs: 11 + kafkaMs, loggedAtMs: 12 + kafkaMs },
  answeredAtMs: 14 + kafkaMs,
});

const costsOf = (turns: number, cpuMs: number, taken: number): PlayCosts => ({
  turns,
  cpuMsPerTurn: [cpuMs, 3],
  peakMib: [180, 300],
  endMib: [170, 300],
  meansMs: { taken, commandAppend: 2, workerAppend: 3, request: 19 },
});

const load: DistributedLoad = {
  clients: 1,
  rounds: [round(directName, 1, figuresAt(20, 50)), round(modelName, 1, figuresAt(0.5, 2_000))],
  // A round of few turns counts for little in a mean.
  costs: [costsOf(9, 7, 5), costsOf(1, 9, 15)],
  // On average 4 ms and what a fetch may wait.
  times: [times(6), times(6), times(3 * limits.kafka.fetchWaitMs)],
};
const run: DistributedRun = {
  stage: {
    members: [
      { name: 'command-api', kind: 'service', pid: 1 },
      { name: 'Kafka', kind: 'engine', pid: 2 },
    ],
    stores: ['KAFKA_BROKERS: Apache Kafka'],
  },
  options: {
    rounds: 1,
    seconds: 1,
    'warm-up-seconds': 1,
    'burn-in-seconds': 0,
    clients: [1],
    'max-turns': 10,
    contenders: ['model'],
    'rest-seconds': 0,
    'turns-per-session': 20,
    'window-turns': 20,
  },
  loads: [load],
  memory: { startMib: [100, 280], endMib: [185, 290], restMib: [160, 290] },
  counts: {
    answered: 10,
    twinCalls: 10,
    requested: 10,
    distinct: 10,
    started: 10,
    listedCalls: 10,
    completed: 10,
    viewRows: 10,
  },
  sent: 10,
  faults: [],
};
const { tables, notes } = distributedReport(run);
const rowOf = (title: string, name: string) =>
  tables.find((table) => table.title.includes(title))?.rows.find(([first]) => first === name);

describe('distributedReport', () => {
  it("takes the model's own answer off a turn, and the worker's wait for it beside that", () => {
    expect(rowOf("A turn's time", directName)).toEqual([directName, '1', '20.0', '40.0', '60.0', '19.5', '18.0']);
  });

  it('divides the hop with Kafka in it by what the worker has counted', () => {
    expect(rowOf('1 client,', 'log → relay → message')?.[1]).toBe('4.00');
    expect(rowOf('1 client,', '… of it until a worker takes it')?.[1]).toBe('2.00');
    expect(rowOf('1 client,', '… of it from there to TurnStarted decided')?.[1]).toBe(
      String(4 + limits.kafka.fetchWaitMs - 2),
    );
  });

  it('has what the processes time themselves', () => {
    expect(rowOf('time themselves', "inference-worker's appends, the same")).toEqual([expect.any(String), '3.00']);
  });

  it('says how many turns took as long as a fetch may wait', () => {
    expect(notes.at(-1)).toContain('2.00 ms on average');
    expect(notes.at(-1)).toContain('1 of 3 took as long');
  });

  it('has processor time and memory of every member', () => {
    expect(rowOf('Processor time', 'Kafka')).toEqual(['Kafka', '3.00']);
    expect(rowOf('Resident memory', 'command-api')).toEqual(['command-api', '100', '185', '185', '160']);
  });

  it('prints every count of the parity, the messages too', () => {
    expect(notes.join('\n')).toContain('10 turns answered; twinCalls 10, requested 10');
    expect(notes.join('\n')).toContain('viewRows 10, messages 10');
  });
});
