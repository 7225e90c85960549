import { access } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testFolderPath } from '../../embedded/postgres/testing/test-folder.ts';
import type { BenchReport } from '../report/bench-report.ts';
import { readOptions } from './bench-options.ts';
import { runTurnsBench, turnsOptions } from './turns-bench.ts';

const args = ['--clients', '1', '--rounds', '1', '--max-turns', '5', '--contenders', 'model', '--burn-in-seconds', '0'];

/** The whole benchmark, as small as it goes: 20 turns of one client, with every process it has but the gateway. */
describe('the turns benchmark', () => {
  const dataDir = testFolderPath();
  let report: BenchReport;

  beforeAll(async () => {
    report = await runTurnsBench(readOptions(turnsOptions, args), () => undefined, dataDir);
  });
  afterAll(async () => {
    await expect(access(dataDir)).rejects.toThrow('ENOENT');
  });

  it('counts, because log, view, twin and answers agree', () => {
    expect(report.faults).toEqual([]);
    expect(report.figures).toMatchObject({ counts: { answered: 20, twinCalls: 20, completed: 20, viewRows: 20 } });
  });

  it('says that the database was durable', () => {
    expect(report.notes).toContainEqual(expect.stringContaining('fsync on, synchronous_commit on'));
  });

  it('has a row for each contender and mode', () => {
    const rows = report.tables[0]?.rows.map(([contender, mode, clients]) => [contender, mode, clients]);
    expect(rows).toEqual([
      ['Turnledger, durable', 'json', '1'],
      ['the model alone', 'json', '1'],
      ['Turnledger, durable', 'sse', '1'],
      ['the model alone', 'sse', '1'],
    ]);
  });
});
