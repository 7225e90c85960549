import { beforeAll, describe, expect, it } from '@jest/globals';
import type { BenchReport } from '../report/bench-report.ts';
import { readOptions } from './bench-options.ts';
import { logOptions, runLogBench } from './log-bench.ts';

const args = ['--rounds', '1', '--seconds', '0.1', '--in-flight', '2'];

/** The whole benchmark, as small as it goes, on a PostgreSQL and an event-store twin of its own. */
describe('the log benchmark', () => {
  let report: BenchReport;
  beforeAll(async () => {
    report = await runLogBench(readOptions(logOptions, args), () => undefined);
  });

  it('measures each adapter, and beside it the bare client of its store', () => {
    const rows = report.tables[0]?.rows.map(([what, inFlight]) => `${what} ${inFlight}`);
    const logs = ['PostgreSQL', 'raw pg group commit', 'EventStoreDB', 'raw db-client', 'memory'];
    expect(rows?.toSorted()).toEqual(
      [
        ...logs.flatMap((log) => [`appends, ${log} 2`, `stream reads, ${log} 2`, `events read in order, ${log} 1`]),
        'appends, raw db-client, all on one stream 2',
      ].toSorted(),
    );
  });

  it('has a rate for each, and a ratio for all but the two that are divided by', () => {
    const [table] = report.tables;
    expect(table?.rows.filter(([, , rate]) => rate === undefined || rate.includes('–)'))).toEqual([]);
    const bare = table?.rows.filter(([, , , ratio]) => ratio === '').map(([what]) => what?.split(', ')[1]);
    expect([...new Set(bare)].toSorted()).toEqual(['raw db-client', 'raw pg group commit']);
  });
});
