import { beforeAll, describe, expect, it } from '@jest/globals';
import type { BenchReport } from '../report/bench-report.ts';
import { readOptions } from './bench-options.ts';
import { runDistributedBench } from './distributed-bench.ts';
import { distributedOptions } from './distributed-run.ts';

const args = [
  ...['--clients', '2', '--rounds', '1', '--seconds', '2', '--warm-up-seconds', '1', '--max-turns', '6'],
  ...['--contenders', 'edge,model', '--burn-in-seconds', '0', '--rest-seconds', '0'],
];

/** The whole benchmark, as small as it goes, with engines of its own. */
describe('the distributed benchmark', () => {
  let report: BenchReport;
  beforeAll(async () => {
    report = await runDistributedBench(readOptions(distributedOptions, args), () => undefined);
  });

  it('counts, because log, topic, view, twin and answers agree', () => {
    expect(report.faults).toEqual([]);
    // A warm-up and a round each, at the command-api and through the edge.
    const counts = { answered: 24, twinCalls: 24, completed: 24, viewRows: 24 };
    expect(report.figures).toMatchObject({ counts, sent: 24, loads: [{ turnsTimed: 6 }] });
  });

  it('knows every hop of the turns it timed', () => {
    const hops = report.tables.find(({ title }) => title.startsWith('Where the time of a turn goes at 2 clients'));
    const means = hops?.rows.map(([, mean]) => Number(mean)) ?? [];
    expect(means).toHaveLength(12);
    expect(means.filter((mean) => !Number.isFinite(mean))).toEqual([]);
  });

  it('has seen every process and every engine', () => {
    const names = ['edge', 'command-api', 'query-api', 'projectors', 'inference-worker', 'event-store twin'];
    const costs = report.tables.find(({ title }) => title.startsWith('Resident memory'));
    expect(costs?.rows.map(([name]) => name)).toEqual(
      expect.arrayContaining([...names, 'PostgreSQL', 'Redis', 'Kafka', 'model twin', 'load generator']),
    );
    expect(costs?.rows.flat().filter((cell) => cell === '–')).toEqual([]);
  });
});
