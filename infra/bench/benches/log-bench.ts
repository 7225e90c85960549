import { MemoryEventLog } from '@turnledger/shared/adapters/memory';
import { migratePostgres, PostgresEventLog } from '@turnledger/shared/adapters/postgres';
import { systemClock as clock } from '@turnledger/shared/adapters/system';
import { z } from 'zod';
import { openDataFolder } from '../../embedded/postgres/data-folder.ts';
import { startPostgres } from '../../embedded/postgres/start-postgres.ts';
import { pairRatios, type Spread, spreadOf } from '../figures/percentiles.ts';
import { endWithThisProcess } from '../processes/end-with-this-process.ts';
import { freshDataDir, removeData } from '../processes/start-service.ts';
import type { BenchReport, Progress } from '../report/bench-report.ts';
import { figure, spread } from '../report/markdown-table.ts';
import { listOption, roundOptions } from './bench-options.ts';
import { adapterContender, appendRate, type LogContender, readRate, scanRate } from './log-load.ts';
import { openRawLog } from './raw-group-commit.ts';

export const logOptions = z.strictObject({
  rounds: roundOptions.rounds,
  seconds: roundOptions.seconds.default(1),
  'in-flight': listOption(1, 1_024, [1, 16, 64, 256]),
});
type LogOptions = z.infer<typeof logOptions>;

const RAW = 'raw pg group commit';
const silent = { info: () => undefined, warn: () => undefined };

/** One measured thing: what, at how many in flight, a second, round by round. */
interface LogRates {
  readonly what: 'appends' | 'stream reads' | 'events read in order';
  readonly contender: string;
  readonly inFlight: number;
  readonly perSecond: number[];
}

/**
 * Appends, reads of a stream and reads of the whole log, of both adapters beside a table that takes the same rows in group commits and
 * checks nothing; in this process, rounds in turn. fsync is on for both tables.
 */
export async function runLogBench(options: LogOptions, progress: Progress): Promise<BenchReport> {
  const dataDir = freshDataDir();
  const postgres = await startPostgres({ dataDir: await openDataFolder(dataDir), log: silent });
  const leftBehind = endWithThisProcess(() => process.kill(postgres.pid, 'SIGINT'));
  try {
    await migratePostgres(postgres.connection);
    const contenders: readonly LogContender[] = [
      adapterContender('PostgreSQL', new PostgresEventLog({ connection: postgres.connection, clock })),
      await openRawLog(RAW, postgres.connection),
      adapterContender('memory', new MemoryEventLog({ clock })),
    ];
    try {
      return report(await measure(contenders, options, progress), options);
    } finally {
      for (const contender of contenders) await contender.close();
    }
  } finally {
    await postgres.stop();
    leftBehind.callOff();
    await removeData(dataDir);
  }
}

async function measure(
  contenders: readonly LogContender[],
  options: LogOptions,
  progress: Progress,
): Promise<readonly LogRates[]> {
  const rates = new Map<string, LogRates>();
  const add = (what: LogRates['what'], contender: string, inFlight: number, perSecond: number) => {
    const name = `${what} ${contender} ${inFlight}`;
    const known = rates.get(name) ?? { what, contender, inFlight, perSecond: [] };
    known.perSecond.push(perSecond);
    rates.set(name, known);
  };
  const { seconds } = options;
  for (const inFlight of options['in-flight']) {
    for (let round = 0; round < options.rounds; round += 1) {
      for (const contender of contenders)
        add('appends', contender.name, inFlight, await appendRate(contender, inFlight, seconds));
      for (const contender of contenders)
        add('stream reads', contender.name, inFlight, await readRate(contender, inFlight, seconds));
    }
    progress(`${inFlight} in flight: done`);
  }
  for (let round = 0; round < options.rounds; round += 1) {
    for (const contender of contenders) add('events read in order', contender.name, 1, await scanRate(contender));
  }
  return [...rates.values()];
}

function report(rates: readonly LogRates[], options: LogOptions): BenchReport {
  const rows = rates.map(({ what, contender, inFlight, perSecond }) => {
    const raw = rates.find((one) => one.what === what && one.inFlight === inFlight && one.contender === RAW);
    const ratio: Spread | undefined = raw && contender !== RAW ? pairRatios(perSecond, raw.perSecond) : undefined;
    return [
      `${what}, ${contender}`,
      String(inFlight),
      spread(spreadOf(perSecond)),
      ratio === undefined ? '' : `${figure(ratio.median)} (${figure(ratio.min)}–${figure(ratio.max)})`,
    ];
  });
  return {
    notes: [
      `${options.rounds} rounds of ${options.seconds} s, contenders in turn; median (least–greatest); one event an append, each worker on a stream of its own; a read takes up to 20 events of one stream`,
      'fsync on, synchronous_commit on for both tables; all in one process with its PostgreSQL beside it',
    ],
    tables: [{ title: 'A second', columns: ['', 'in flight', 'a second', 'times raw'], rows }],
    figures: rates,
    faults: [],
  };
}
